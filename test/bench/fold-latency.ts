import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { subjects } from "@sentinel/contracts";
import { type Bus, ensureStreams } from "@sentinel/messaging";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { createNatsBus } from "@sentinel/messaging/nats";
import { silentLog } from "@sentinel/service-kit";
import { findNats, startNats } from "@sentinel/testkit";
import { onCheck } from "../../services/incidents/src/on-check.ts";
import { encodedResult } from "./check-results.ts";
import { type FoldWorld, withFoldWorld } from "./fold-world.ts";
import { type Bench, type Figure, percentile, times } from "./report.ts";

const GOAL_MS = 20;
const MONITORS = 50;

/** How long one result waits to be folded when there is nothing else to do: from its publication to the commit. */
export const foldLatency: Bench = async ({ smoke }) => {
  const results = smoke ? 10 : 200;
  return await withFoldWorld(MONITORS, async (world) => {
    const embedded = createEmbeddedBus(world.kit);
    const own = await quiet(world, embedded, results, "bus in the process");
    await embedded.close();
    const missing = (await findNats()).every((each) => each.missing !== undefined);
    if (missing) return [own];
    const server = await startNats();
    const bus = await createNatsBus({ servers: [server.url], name: "bench", log: silentLog });
    try {
      return [own, await quiet(world, bus, results, "nats-server")];
    } finally {
      await bus.close();
      await server.stop();
    }
  });
};

let made = 0;

async function quiet(world: FoldWorld, bus: Bus, results: number, way: string): Promise<Figure> {
  await ensureStreams(bus);
  const stop = new AbortController();
  const folds = new EventTarget();
  // The part of it that is the transaction; the rest is the bus, and waiting.
  const inStore: number[] = [];
  const deps = {
    ...world.deps,
    bus,
    onTrouble: () => undefined,
    onFailed: () => undefined,
    forgetsAtStart: true,
    onTurned: () => undefined,
    onForeign: () => undefined,
  };
  const folding = onCheck(
    deps,
    ({ tookMs }) => {
      inStore.push(tookMs);
      folds.dispatchEvent(new Event("folded"));
    },
    stop.signal,
  );
  const took: number[] = [];
  // The first ones fill the caches.
  for (let n = -10; n < results; n += 1) {
    // Anywhere between two steps of whoever polls.
    await delay(100 + (((n + 10) * 37) % 200));
    const index = made++ % MONITORS;
    const id = world.monitors[index]?.id ?? "";
    const data = encodedResult(id, index, world.kit.clock.now());
    const folded = once(folds, "folded");
    const fromMs = performance.now();
    await bus.publish(subjects.check(id, "local"), data);
    await folded;
    if (n >= 0) took.push(performance.now() - fromMs);
  }
  stop.abort();
  await folding;
  const [p50, p95] = [percentile(took, 50), percentile(took, 95)];
  return {
    what: `one result at a quiet moment, from its publication to the commit, ${results} of them, ${way}, fsync on`,
    value: `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms; of it the transaction ${percentile(inStore, 50).toFixed(1)} and ${percentile(inStore, 95).toFixed(1)} ms`,
    against: `goal: ≤ ${GOAL_MS} ms`,
    ratio: times(p95 / GOAL_MS),
  };
}
