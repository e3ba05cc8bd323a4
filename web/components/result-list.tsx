"use client";

import type { CheckView, EndpointResultView } from "@sentinel/contracts/api";
import { type Locale, renderReason } from "@sentinel/contracts/text/screen";
import { useState } from "react";
import { latency } from "../lib/format.ts";
import { Button } from "./button.tsx";
import { Evidence, Phases } from "./evidence.tsx";
import { useReader } from "./locale.tsx";
import { StatusState } from "./state.tsx";
import { ClockTime } from "./time.tsx";

const ROWS = 20;

/** Rounds newest first; each opens to its endpoints, phases and evidence. */
export function ResultList({ checks }: { readonly checks: readonly CheckView[] }) {
  const { t } = useReader();
  const [rows, setRows] = useState(ROWS);
  if (checks.length === 0) return <p className="quiet-line">{t("monitor.results.empty")}</p>;
  return (
    <>
      <ul className="results">
        {checks.slice(0, rows).map((check) => (
          <Result key={`${check.region} ${check.slotMs} ${check.onDemand}`} check={check} />
        ))}
      </ul>
      {checks.length > rows ? (
        <Button tone="quiet" className="card-more" onClick={() => setRows(checks.length)}>
          {t("incidents.filter.all")} ({checks.length})
        </Button>
      ) : null}
    </>
  );
}

/** Of the round as it was judged: with the facts of the endpoint that says so, or in general. */
function reasonOfRound(check: CheckView, locale: Locale): string {
  const told = check.endpoints.find((endpoint) => endpoint.reason === check.reason)?.reasonText ?? null;
  return told ?? (check.reason === null ? "" : renderReason(locale, check.reason));
}

function Result({ check }: { readonly check: CheckView }) {
  const { locale, t } = useReader();
  const sentence = reasonOfRound(check, locale);
  const notes = [
    sentence,
    check.onDemand ? t("monitor.results.onDemand") : "",
    check.missedSlots > 0 ? t("monitor.results.missed", { n: String(check.missedSlots) }) : "",
  ].filter(Boolean);
  return (
    <li>
      <details>
        <summary>
          <ClockTime at={check.slot} />
          <StatusState status={check.verdict} />
          <span className="result-note">{notes.join(" · ")}</span>
          <span className="num">{check.endpoints.length === 0 ? "–" : latency(locale, check.durationMs)}</span>
        </summary>
        <div className="result-body">
          {check.endpoints.map((endpoint) => (
            <EndpointResult key={endpoint.url} endpoint={endpoint} />
          ))}
        </div>
      </details>
    </li>
  );
}

/** One endpoint of a round. */
export function EndpointResult({ endpoint }: { readonly endpoint: EndpointResultView }) {
  return (
    <div className="endpoint-evidence">
      <p className="endpoint-url">
        <StatusState status={endpoint.verdict} /> {endpoint.url}
      </p>
      {endpoint.reasonText === null ? null : <p className="quiet">{endpoint.reasonText}</p>}
      <Phases phases={endpoint.phases} />
      {endpoint.evidence === null ? null : <Evidence evidence={endpoint.evidence} />}
    </div>
  );
}
