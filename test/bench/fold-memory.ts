import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { subjects } from "@sentinel/contracts";
import type { Message } from "@sentinel/messaging";
import { compactOnce } from "../../services/incidents/src/checklog/compact.ts";
import { foldBatch } from "../../services/incidents/src/fold.ts";
import { encodedResult } from "./check-results.ts";
import { type FoldWorld, withFoldWorld } from "./fold-world.ts";
import { type Bench, mib } from "./report.ts";

const MONITORS = 1000;
const EVERY_MS = 30_000;
const DAY_MS = 86_400_000;
/** Results a second: half as many again as 10,000 monitors every 30 s make. */
const PER_SECOND = 500;
const LOOKS = 20;

interface Look {
  readonly minute: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** Memory of folding and packing under steady load, each look after a full collection of garbage. */
export const foldMemory: Bench = async ({ smoke, minutes = smoke ? 0.2 : 2 }) =>
  await withFoldWorld(MONITORS, async (world) => {
    const looks: Look[] = [];
    const stop = new AbortController();
    const packing = pack(world, stop.signal);
    const startMs = performance.now();
    const minuteOf = (): number => (performance.now() - startMs) / 60_000;
    let folded = 0;
    for (let round = 0; minuteOf() < minutes; round += 1) {
      await foldBatch(world.deps, messagesOf(world, world.kit.clock.now() - 25 * DAY_MS + round * EVERY_MS, folded));
      folded += MONITORS;
      if (minuteOf() >= (looks.length * minutes) / LOOKS) looks.push(look(minuteOf()));
      const dueMs = startMs + (folded / PER_SECOND) * 1000;
      await delay(Math.max(1, dueMs - performance.now()));
    }
    looks.push(look(minuteOf()));
    stop.abort();
    await packing;
    // The first third fills caches.
    const settled = looks.slice(Math.floor(looks.length / 3));
    const all = (value: (look: Look) => number): string => looks.map((each) => mib(value(each))).join(", ");
    return [
      {
        what: `memory while ${folded} results of ${MONITORS} monitors are folded and packed in ${minutes} minutes, heap after a full collection`,
        value: `${mib(settled[0]?.heapBytes ?? 0)} to ${mib(settled.at(-1)?.heapBytes ?? 0)}: ${slope(settled, ({ heapBytes }) => heapBytes)} a minute, after the first third; resident ${slope(settled, ({ residentBytes }) => residentBytes)} a minute`,
        against: `heap at ${looks.length} looks: ${all(({ heapBytes }) => heapBytes)}; resident: ${all(({ residentBytes }) => residentBytes)}`,
        ratio: "–",
      },
    ];
  });

async function pack({ kit, store }: FoldWorld, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await compactOnce({ kit, store, everyMsOf: () => EVERY_MS }, signal);
    await delay(1000, undefined, { signal }).catch(() => undefined);
  }
}

const messagesOf = ({ monitors }: FoldWorld, slotMs: number, before: number): Message[] =>
  monitors.map(({ id }, index) => ({
    stream: "bench",
    epoch: "1",
    seq: before + index + 1,
    subject: subjects.check(id, "local"),
    data: encodedResult(id, index, slotMs),
    headers: {},
  }));

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

function look(minute: number): Look {
  if (typeof collect === "function") collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { minute, heapBytes: heapUsed, residentBytes: rss };
}

/** Of the line that fits best. */
function slope(looks: readonly Look[], value: (look: Look) => number): string {
  const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const [x, y] = [mean(looks.map(({ minute }) => minute)), mean(looks.map(value))];
  const over = looks.reduce((sum, each) => sum + (each.minute - x) * (value(each) - y), 0);
  const under = looks.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
  return `${(over / under / 1024).toFixed(0)} KiB`;
}
