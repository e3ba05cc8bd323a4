import { createMemoryProjections, MemoryDatabase } from "@sentinel/eventstore/memory";
import { VirtualClock } from "@sentinel/testkit";
import { expect, test } from "@jest/globals";
import { createBoard } from "./board.ts";
import { T0 } from "./core/fixtures.ts";
import { testKit } from "./fold-contract/fold-bench.ts";
import { createIncidentsMetrics, readLevels } from "./metrics.ts";
import { kpiProjection } from "./project-kpis.ts";
import { createMemoryFoldStore } from "./store/memory/memory-fold-store.ts";

test("a stream that another process has released is no longer counted as parked a few seconds later", async () => {
  const clock = new VirtualClock({ startMs: T0 });
  const kit = testKit(clock);
  const database = new MemoryDatabase();
  const store = createMemoryFoldStore(() => clock.monotonic(), database);
  const metrics = createIncidentsMetrics(kit.metrics);
  const board = createBoard({ checks: 0, incidents: 0, autoFixes: 0 }, () => clock.now());
  const event = {
    id: "evt_bad",
    type: "incident.opened",
    schemaVersion: 1,
    payload: Uint8Array.of(10, 200, 1, 3),
    metadata: {},
    atMs: T0,
  };
  await store.transaction((tx) => tx.events.append([{ stream: "incident-7", expected: "none", events: [event] }]));
  const projecting = new AbortController();
  const observer = { onCaughtUp: () => projecting.abort() };
  await store.project(kpiProjection, { clock, signal: projecting.signal, pollMs: 1000 }, observer);
  const parked = async () =>
    /^sentinel_projection_parked\{.*\} (\d+)$/m.exec(await kit.metrics.registry.metrics())?.[1];

  const stop = new AbortController();
  const reading = readLevels({ kit, store, board, metrics }, stop.signal);
  await clock.advance(1);
  expect(await parked()).toBe("1");
  const key = { name: kpiProjection.name, generation: kpiProjection.version };
  await database.transaction((tx) => createMemoryProjections().unpark(tx, key, "incident-7"));
  await clock.advance(5000);
  expect(await parked()).toBe("0");
  stop.abort();
  await reading;
});
