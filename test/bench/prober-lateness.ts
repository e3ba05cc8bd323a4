import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Sentinel, until } from "../harness/sentinel.ts";
import { type Figure, times } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

const GOAL_MS = 150;

/** How late rounds begin, by Sentinel's own histogram, with it and its database held to one core. */
export async function latenessOnOneCore(perSecond: number, forMs: number): Promise<Figure> {
  const target = await startBenchTarget();
  const sentinel = await Sentinel.create({ config: yaml(target.url, perSecond, "every: 1s, timeout: 1s") });
  try {
    sentinel.start();
    const pid = String(sentinel.pid ?? 0);
    // What it starts from now on inherits it.
    const held = spawnSync("taskset", ["-a", "-c", "-p", "0", pid], { stdio: "ignore" }).status === 0;
    await sentinel.ready();
    const warm = target.answered() + 5 * perSecond;
    await until("the first rounds", () => (target.answered() >= warm ? true : undefined), 60_000);
    const before = await latenessOf(sentinel);
    await sleep(forMs);
    const p99 = percentileOf(difference(await latenessOf(sentinel), before), 0.99) * 1000;
    return {
      what: `a round begins after its slot, ${perSecond} checks/s all in, ${held ? "one core for Sentinel and PostgreSQL" : "all cores, for want of taskset"}`,
      value: `p99 ${p99.toFixed(0)} ms`,
      against: `goal: p99 ≤ ${GOAL_MS} ms`,
      ratio: times(p99 / GOAL_MS),
    };
  } finally {
    await sentinel.remove();
    target.stop();
  }
}

/** Rounds that were at most so many seconds late, by that bound. */
type Counts = ReadonlyMap<number, number>;

async function latenessOf(sentinel: Sentinel): Promise<Counts> {
  const text = await (await fetch(`${sentinel.url}/metrics`)).text();
  const found = [...text.matchAll(/^sentinel_prober_lateness_seconds_bucket\{.*?le="([^"]+)".*?\} (\d+)$/gm)];
  if (found.length === 0) throw new Error("/metrics has no lateness");
  return new Map(found.map(([, le, count]) => [le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le), Number(count)]));
}

const difference = (after: Counts, before: Counts): Counts =>
  new Map([...after].map(([le, count]) => [le, count - (before.get(le) ?? 0)]));

/** Within a bucket evenly spread, as Prometheus has it. */
function percentileOf(counts: Counts, p: number): number {
  const bounds = [...counts].toSorted(([a], [b]) => a - b);
  const wanted = p * (bounds.at(-1)?.[1] ?? 0);
  let [from, below] = [0, 0];
  for (const [le, count] of bounds) {
    if (count >= wanted && count > below) {
      return Number.isFinite(le) ? from + ((le - from) * (wanted - below)) / (count - below) : from;
    }
    [from, below] = [le, count];
  }
  return Number.NaN;
}
