import type { EndpointResultView } from "../api/index.ts";
import type { Locale } from "./catalogue.ts";
import { formatDateTime, formatDuration } from "./format.ts";
import { renderReason, renderText } from "./render-text.ts";

type EvidenceView = NonNullable<EndpointResultView["evidence"]>;
type Tried = EvidenceView["addressesTried"][number];
type Answer = NonNullable<EvidenceView["dnsAnswer"]>;
type Shown = EvidenceView["certificateChain"][number];

/** Lines of evidence under their title. */
export interface EvidencePart {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The DNS answer, the addresses tried and the certificate chain, as far as they are known; none is empty. */
export function evidenceLines(
  locale: Locale,
  {
    dnsAnswer,
    addressesTried,
    certificateChain,
  }: Pick<EvidenceView, "dnsAnswer" | "addressesTried" | "certificateChain">,
): readonly EvidencePart[] {
  const part = (key: string, lines: readonly string[]): readonly EvidencePart[] =>
    lines.length === 0 ? [] : [{ title: renderText(locale, `evidence.${key}`), lines }];
  return [
    ...part("dns_answer", dnsAnswer === null ? [] : answerLines(locale, dnsAnswer)),
    ...part(
      "addresses_tried",
      addressesTried.map((each) => triedLine(locale, each)),
    ),
    ...part(
      "certificate_chain",
      certificateChain.map((each, index) => certificateLine(locale, each, index + 1)),
    ),
  ];
}

function answerLines(locale: Locale, answer: Answer): readonly string[] {
  const { name, resolver, outcome, fromCache, durationMs, records } = answer;
  const way = outcome === null ? (resolver === "" ? "itself" : fromCache ? "cached" : "asked") : "failed";
  const took = formatDuration(locale, durationMs);
  const reason = renderReason(locale, outcome ?? "");
  return [
    renderText(locale, `evidence.dns.${way}`, { name, resolver, took, reason }),
    ...records.map(({ type, value, ttlSeconds }) => {
      const key = ttlSeconds === 0 ? "evidence.dns.record" : "evidence.dns.record.lasting";
      return renderText(locale, key, { type, value, ttl: formatDuration(locale, ttlSeconds * 1000) });
    }),
  ];
}

function triedLine(locale: Locale, { address, port, outcome, durationMs }: Tried): string {
  const host = address.includes(":") ? `[${address}]` : address;
  const params = { address: port === 0 ? address : `${host}:${port}`, took: formatDuration(locale, durationMs) };
  if (outcome === null) return renderText(locale, "evidence.tried.connected", params);
  return renderText(locale, "evidence.tried.failed", { ...params, reason: renderReason(locale, outcome) });
}

const certificateLine = (locale: Locale, certificate: Shown, place: number): string =>
  renderText(locale, "evidence.chain.certificate", {
    place: String(place),
    subject: certificate.subject,
    issuer: certificate.issuer,
    from: formatDateTime(locale, Date.parse(certificate.validFrom)),
    to: formatDateTime(locale, Date.parse(certificate.validTo)),
    fingerprint: certificate.fingerprint256,
  });
