import { expect, test } from "@jest/globals";
import { MonitorView, type SentinelApi, WatchResponse } from "@sentinel/contracts";
import { createMetrics, noFailpoint, offTracing, type ServiceKit, silentLog } from "@sentinel/service-kit";
import { seededRandom, VirtualClock } from "@sentinel/testkit";
import { followMonitors } from "./follow-monitors.ts";

test("ten thousand definitions that come at once leave turns for whatever else is due", async () => {
  const MONITORS = 10_000;
  const stopping = new AbortController();
  const kit: ServiceKit = {
    clock: new VirtualClock(),
    random: seededRandom(1),
    log: silentLog,
    metrics: createMetrics(),
    tracing: offTracing,
    failpoint: noFailpoint,
  };
  const api: Pick<SentinelApi, "watch"> = {
    async *watch() {
      for (let i = 0; i < MONITORS; i += 1) {
        const value = MonitorView.fromPartial({ monitor: { id: `m${i}` } });
        yield { ...WatchResponse.fromPartial({ atMs: 1 }), change: { $case: "monitor", value } };
      }
    },
  };
  let taken = 0;
  let mostInATurn = 0;
  let before = 0;
  const count = (): void => {
    mostInATurn = Math.max(mostInATurn, taken - before);
    before = taken;
    if (!stopping.signal.aborted) setImmediate(count);
  };
  setImmediate(count);
  const onMonitor = (): void => {
    taken += 1;
    if (taken === MONITORS) stopping.abort();
  };
  await followMonitors(kit, api, { onMonitor, onRemoved: () => undefined }, stopping.signal);
  expect(taken).toBe(MONITORS);
  expect(mostInATurn).toBeLessThanOrEqual(100);
});
