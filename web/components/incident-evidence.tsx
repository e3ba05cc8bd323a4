"use client";

import type { TimelineEntryView } from "@sentinel/contracts/api";
import { evidenceFromTimeline, renderReason } from "@sentinel/contracts/text/screen";
import { Card } from "./card.tsx";
import { Evidence, Phases } from "./evidence.tsx";
import { useReader } from "./locale.tsx";
import { ClockTime } from "./time.tsx";

/** What the confirming round saw, endpoint by endpoint. */
export function IncidentEvidence({ entries }: { readonly entries: readonly TimelineEntryView[] }) {
  const { locale, t } = useReader();
  const found = evidenceFromTimeline(entries);
  return (
    <Card title={t("evidence.title")} note={found === null ? undefined : <ClockTime at={found.at} />}>
      {found === null ? (
        <p className="quiet-line">{t("evidence.none")}</p>
      ) : (
        <div className="pad">
          {found.endpoints.map((endpoint) => (
            <div key={endpoint.url} className="endpoint-evidence">
              <p className="endpoint-url">{endpoint.url}</p>
              {endpoint.reason === "" ? null : (
                <p className="quiet">{renderReason(locale, endpoint.reason, endpoint.reasonParams)}</p>
              )}
              {endpoint.phases === null ? null : <Phases phases={endpoint.phases} />}
              {endpoint.evidence === null ? null : <Evidence evidence={endpoint.evidence} />}
            </div>
          ))}
        </div>
      )}
    </Card>
  );
}
