import { setTimeout as sleep } from "node:timers/promises";
import { Sentinel, until } from "../harness/sentinel.ts";
import { type Figure, mib, proportionalBytes, sumOver, times, tree, treeCpuMs, use } from "./report.ts";
import { type BenchTarget, startBenchTarget, yaml } from "./targets.ts";

const START_GOAL_MS = 5000;
const MEMORY_GOAL_BYTES = 400_000_000;
const LOOKS = 20;

interface Scale {
  readonly monitors: number;
  readonly smoke: boolean;
  readonly minutes: number;
}

/** One life of Sentinel with very many monitors: its start, its memory, and how that grows. */
export async function scaleFigures(scale: Scale): Promise<readonly Figure[]> {
  const { monitors, smoke } = scale;
  const target = await startBenchTarget();
  const every = smoke ? "2s" : "30s";
  const sentinel = await Sentinel.create({ config: yaml(target.url, monitors, `every: ${every}, timeout: 5s`) });
  try {
    sentinel.start();
    await sentinel.ready(180_000);
    await until("the first rounds of all", () => (target.answered() >= monitors ? true : undefined), 180_000);
    await sentinel.stop();
    const started = await startAgain(sentinel, target, scale);
    const wanted = target.answered() + 2 * monitors;
    await until("two more rounds of all", () => (target.answered() >= wanted ? true : undefined), 240_000);
    return [started, memoryOf(sentinel, `${monitors} monitors every ${every}`), await growthOf(sentinel, scale)];
  } finally {
    await sentinel.remove();
    target.stop();
  }
}

async function startAgain(sentinel: Sentinel, target: BenchTarget, { monitors }: Scale): Promise<Figure> {
  const before = target.answered();
  const from = performance.now();
  let firstMs = 0;
  sentinel.start({ SENTINEL_FIRST_CHECKS: "at-once" });
  // Every monitor is checked once at the start, before its next slot comes.
  await until(
    "a round of all",
    () => {
      if (firstMs === 0 && target.answered() > before) firstMs = performance.now() - from;
      return target.answered() - before >= monitors ? true : undefined;
    },
    180_000,
  );
  const tookMs = performance.now() - from;
  const cpuMs = treeCpuMs(sentinel.pid ?? 0);
  return {
    what: `${monitors} monitors checked once each, from the command, on data of before`,
    value: `${seconds(tookMs)}, the first after ${seconds(firstMs)}; ${seconds(cpuMs)} of CPU time`,
    against: `goal: ≤ ${seconds(START_GOAL_MS)}`,
    ratio: times(tookMs / START_GOAL_MS),
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function memoryOf(sentinel: Sentinel, monitors: string): Figure {
  const pid = sentinel.pid ?? 0;
  const own = use(pid).rssBytes;
  const postgres = sumOver(tree(pid).slice(1), proportionalBytes);
  return {
    what: `resident memory with ${monitors}, after three rounds of all`,
    value: `${mib(own)} (PostgreSQL apart: ${mib(postgres)}, shared pages counted once)`,
    against: `goal: ≤ ${mib(MEMORY_GOAL_BYTES)}`,
    ratio: times(own / MEMORY_GOAL_BYTES),
  };
}

async function growthOf(sentinel: Sentinel, { minutes, monitors }: Scale): Promise<Figure> {
  const pid = sentinel.pid ?? 0;
  const sizes: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep((minutes * 60_000) / LOOKS);
    sizes.push(use(pid).rssBytes);
  }
  const later = sizes.slice(Math.floor(LOOKS / 3));
  const perMinute = (slope(later) * LOOKS) / minutes;
  return {
    what: `resident memory over ${minutes} minutes with ${monitors} monitors`,
    value: `${mib(Math.min(...sizes))} to ${mib(Math.max(...sizes))}, ${(perMinute / 2 ** 20).toFixed(2)} MiB a minute by the best line after the first third`,
    against: "goal: flat over an hour (--minutes 60)",
    ratio: "–",
  };
}

/** Of the line that fits best, per step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const over = values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  return over / values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
}
