"use client";

import type { IncidentView } from "@sentinel/contracts/api";
import { describeDiagnosis } from "@sentinel/contracts/text/screen";
import { Card, Facts } from "./card.tsx";
import { useReader } from "./locale.tsx";
import { SeverityState } from "./state.tsx";

/** What is wrong, why, how bad, and what to do about it. */
export function DiagnosisCard({ incident }: { readonly incident: IncidentView }) {
  const { locale, t } = useReader();
  const { diagnosis } = incident;
  // In the reader's own time zone, which the gateway does not know.
  const { cause } = describeDiagnosis(locale, diagnosis);
  return (
    <Card title={t("diagnosis.title")} note={t("diagnosis.rule", { rule: diagnosis.rule })}>
      <div className="pad">
        <Facts
          facts={[
            [t("diagnosis.issue"), diagnosis.text.issue],
            [t("diagnosis.cause"), cause],
            [t("diagnosis.severity"), <SeverityState key="severity" severity={diagnosis.severity} />],
            [
              t("diagnosis.reach"),
              t("diagnosis.reachValue", {
                failing: String(incident.endpointsFailing),
                n: String(incident.endpointsTotal),
              }),
            ],
          ]}
        />
        {diagnosis.text.recommendations.length === 0 ? null : (
          <>
            <h3>{t("diagnosis.todo")}</h3>
            <ol className="todo">
              {diagnosis.text.recommendations.map((recommendation) => (
                <li key={recommendation}>{recommendation}</li>
              ))}
            </ol>
          </>
        )}
      </div>
    </Card>
  );
}
