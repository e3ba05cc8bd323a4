"use client";

import type { EndpointResultView } from "@sentinel/contracts/api";
import { evidenceLines, formatDateTime } from "@sentinel/contracts/text/screen";
import { useEffect, useRef } from "react";
import { latency } from "../lib/format.ts";
import { phaseShares } from "../lib/phases.ts";
import { Facts } from "./card.tsx";
import { useReader } from "./locale.tsx";

type EvidenceView = NonNullable<EndpointResultView["evidence"]>;

/** Where the time of one request went, in order and to scale, with the numbers beside it. */
export function Phases({ phases }: { readonly phases: EndpointResultView["phases"] }) {
  const { locale, t } = useReader();
  const shares = phaseShares(phases);
  const bar = useRef<HTMLSpanElement>(null);
  const key = shares.map(({ share }) => share).join(" ");
  useEffect(() => {
    for (const [index, part] of [...(bar.current?.children ?? [])].entries()) {
      if (part instanceof HTMLElement) part.style.setProperty("--part", key.split(" ")[index] ?? "0");
    }
  }, [key]);
  if (shares.length === 0) return null;
  return (
    <div className="phases">
      <span className="phase-bar" ref={bar} aria-hidden="true">
        {shares.map(({ name }) => (
          <span key={name} className={`phase-${name}`} />
        ))}
      </span>
      <dl aria-label={t("phases.label")}>
        {shares.map(({ name, ms }) => (
          <div key={name}>
            <dt>
              <span className={`phase-key phase-${name}`} aria-hidden="true" />
              {t(`phase.${name}`)}
            </dt>
            <dd>{latency(locale, ms)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** What was asked and what came back, as it was kept. */
export function Evidence({ evidence }: { readonly evidence: EvidenceView }) {
  const { locale, t } = useReader();
  const headers = Object.entries(evidence.headers);
  return (
    <div className="evidence">
      <pre tabIndex={0} aria-label={t("evidence.request")}>
        {evidence.requestLine}
        {evidence.remoteAddress === null ? "" : `\n${t("evidence.address")} ${evidence.remoteAddress}`}
        {evidence.status === null ? "" : `\n${t("evidence.status")} ${evidence.status}`}
      </pre>
      {evidence.redirects.length === 0 ? null : (
        <details>
          <summary>{t("evidence.redirects")}</summary>
          <pre tabIndex={0}>{evidence.redirects.join("\n")}</pre>
        </details>
      )}
      {headers.length === 0 ? null : (
        <details>
          <summary>{t("evidence.headers")}</summary>
          <pre tabIndex={0}>{headers.map(([name, value]) => `${name}: ${value}`).join("\n")}</pre>
        </details>
      )}
      {evidence.bodyHead === "" ? null : (
        <details>
          <summary>{t("evidence.body")}</summary>
          <pre tabIndex={0}>{evidence.bodyHead}</pre>
        </details>
      )}
      {evidence.screenshot === null ? null : (
        <img
          className="screenshot"
          src={`data:image/jpeg;base64,${evidence.screenshot}`}
          alt={t("evidence.screenshot")}
          width={1280}
          height={800}
        />
      )}
      {evidence.steps.length === 0 ? null : (
        <details className="steps">
          <summary>{t("evidence.steps")}</summary>
          <Facts facts={evidence.steps.map(({ name, durationMs }) => [name, latency(locale, durationMs)])} />
        </details>
      )}
      {evidence.console.length === 0 ? null : (
        <details open>
          <summary>{t("evidence.console")}</summary>
          <pre tabIndex={0}>{evidence.console.join("\n")}</pre>
        </details>
      )}
      {evidence.certificate === null ? null : <CertificateFacts certificate={evidence.certificate} />}
      {evidenceLines(locale, evidence).map(({ title, lines }) => (
        <details key={title}>
          <summary>{title}</summary>
          <pre tabIndex={0}>{lines.join("\n")}</pre>
        </details>
      ))}
    </div>
  );
}

function CertificateFacts({ certificate }: { readonly certificate: NonNullable<EvidenceView["certificate"]> }) {
  const { locale, t } = useReader();
  const validity = t("evidence.validityValue", {
    from: formatDateTime(locale, Date.parse(certificate.validFrom)),
    to: formatDateTime(locale, Date.parse(certificate.validTo)),
  });
  return (
    <details>
      <summary>{t("evidence.certificate")}</summary>
      <Facts
        facts={[
          [t("evidence.subject"), certificate.subject],
          [t("evidence.issuer"), certificate.issuer],
          [t("evidence.validity"), validity],
          [t("evidence.names"), certificate.names.join(", ") || "–"],
          ["SHA-256", <code key="fingerprint">{certificate.fingerprint256}</code>],
        ]}
      />
    </details>
  );
}
