import { expect, test } from "@jest/globals";
import { GetKpisRequest, IncidentEvent, IncidentOpened, Resolution } from "@sentinel/contracts";
import { VirtualClock } from "@sentinel/testkit";
import { initialIncidentState } from "./core/incident.ts";
import { DAY_MS } from "./core/kpis.ts";
import { createKpiOperations } from "./kpis.ts";
import { kpiProjection } from "./project-kpis.ts";
import { caller } from "./shell-world.ts";
import { createMemoryFoldStore } from "./store/memory/memory-fold-store.ts";

const T0 = Date.UTC(2026, 0, 1);
type Case = NonNullable<IncidentEvent["event"]>;

test("an open incident's downtime counts until now, a resolved one's until its end", async () => {
  const clock = new VirtualClock({ startMs: T0 });
  const store = createMemoryFoldStore(() => clock.monotonic());
  const happen = (id: number, event: Case, atMs: number) =>
    store.transaction((tx) =>
      tx.events.append([
        {
          stream: `incident-${id}`,
          expected: "any",
          events: [
            {
              id: `evt_${id}_${event.$case}`,
              type: `incident.${event.$case}`,
              schemaVersion: 1,
              payload: IncidentEvent.encode({ event }).finish(),
              metadata: {},
              atMs,
            },
          ],
        },
      ]),
    );
  for (const [incidentId, resolvedAtMs] of [
    [1, T0 + 500],
    [2, 0],
  ] as const) {
    const monitorId = `mon_${incidentId}`;
    const opened = IncidentOpened.fromPartial({ incidentId, monitorId, monitorName: "shop", startedAtMs: T0 });
    await happen(incidentId, { $case: "opened", value: opened }, T0 + 10);
    const state = { ...initialIncidentState, id: incidentId, monitorId, startedAtMs: T0, resolvedAtMs };
    await store.transaction((tx) => tx.incidents.save([state]));
  }
  const value = { resolution: Resolution.AUTO_FIX, actor: "", downtimeMs: 500, verifiedBySlotMs: 0 };
  await happen(1, { $case: "resolved", value }, T0 + 500);
  const stop = new AbortController();
  const options = { clock, signal: stop.signal, pollMs: DAY_MS };
  await store.project(kpiProjection, options, { onCaughtUp: () => stop.abort() });

  const { getKpis } = createKpiOperations({ kit: { clock: new VirtualClock({ startMs: T0 + 7000 }) }, store });
  const report = await getKpis(GetKpisRequest.fromPartial({ days: 2 }), caller());
  expect(report.total).toMatchObject({ incidents: 2, resolutions: 1, downtimeMs: 7500 });
  expect(report.monitors.map(({ monitorId, kpis }) => [monitorId, kpis?.downtimeMs])).toEqual([
    ["mon_2", 7000],
    ["mon_1", 500],
  ]);
  expect(report.days.map(({ kpis }) => kpis?.downtimeMs)).toEqual([0, 7500]);
});
