"use client";

import type { IncidentView } from "@sentinel/contracts/api";
import { useEffect } from "react";
import { BEATS_SHOWN } from "../lib/beats.ts";
import { servicesForOverview } from "../lib/filters.ts";
import { updateLive, useLive, useNow } from "../lib/live.ts";
import { openIncidents, putIncident } from "../lib/live-state.ts";
import { productionOf } from "../lib/production.ts";
import { Attention } from "./attention.tsx";
import { Card } from "./card.tsx";
import { FirstRun } from "./first-run.tsx";
import { useReader } from "./locale.tsx";
import { OverviewAside } from "./overview-aside.tsx";
import { Screen } from "./screen.tsx";
import { AllMonitorsLink, ServicesTable } from "./services.tsx";
import { Verdict } from "./verdict.tsx";

const SERVICES_SHOWN = 40;
const INCIDENTS_ASKED = 50;

/** Is production up, if not why, since when, technical or business, who acts; then what needs a person. */
export function OverviewScreen() {
  const { t } = useReader();
  usePastIncidents();
  return (
    <Screen title={t("overview.title")} heading="none">
      {() => <OverviewOrFirstRun />}
    </Screen>
  );
}

/** Resolved incidents are not part of every snapshot; the repairs of the day need them. */
export function usePastIncidents(): void {
  const { api } = useReader();
  const { seeded } = useLive();
  useEffect(() => {
    if (!seeded) return undefined;
    const abort = new AbortController();
    api
      .incidents(INCIDENTS_ASKED, abort.signal)
      .then(({ data }) => updateLive((state) => data.reduce(putIncident, state)))
      // The live stream still brings each change; only the past stays short.
      .catch(() => undefined);
    return () => abort.abort();
  }, [api, seeded]);
}

function OverviewOrFirstRun() {
  const { monitors } = useLive();
  return <FirstRun empty={monitors.size === 0}>{() => <Overview />}</FirstRun>;
}

function Overview() {
  const { locale, t } = useReader();
  const live = useLive();
  const nowMs = useNow();
  const monitors = [...live.monitors.values()];
  const open = openIncidents(live);
  const production = productionOf({ monitors, incidents: [...live.incidents.values()], nowMs, locale });
  const shown = servicesForOverview(monitors, SERVICES_SHOWN);
  return (
    <>
      <Verdict production={production} change={changeOf(production.state, open)} />
      <div className="cols">
        <div className="stack">
          <Attention />
          <Card title={t("services.title")} note={t("services.rounds", { rounds: String(BEATS_SHOWN) })}>
            <ServicesTable monitors={shown} />
            {shown.length < monitors.length ? <AllMonitorsLink total={monitors.length} /> : null}
          </Card>
        </div>
        <OverviewAside />
      </div>
    </>
  );
}

/** What a listener is told of: the state, which incidents are open, who is acting on them. */
function changeOf(state: string, open: readonly IncidentView[]): string {
  return [state, ...open.map(({ id, verdict, acting }) => `${id} ${verdict} ${acting}`)].join("|");
}
