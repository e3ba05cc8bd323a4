import { Sentinel, until } from "../harness/sentinel.ts";
import { type Bench, type Figure, times } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

const MONITORS = 5;

interface Started {
  readonly readySeconds: number;
  /** Until the dashboard's own reading shows a result of every monitor. */
  readonly liveSeconds: number;
}

/** Seconds from `sentinel up` to live results, on a new and on an existing data folder; the dashboard is built before. */
export const startTime: Bench = async () => {
  const target = await startBenchTarget();
  const sentinel = await Sentinel.create({ config: yaml(target.url, MONITORS, "every: 1s, timeout: 1s") });
  try {
    // A machine that never ran it builds the dashboard first, which is no part of the figure.
    const first = await built(async () => await timedStart(sentinel));
    await sentinel.stop();
    const second = await timedStart(sentinel);
    return [
      figure("first start, making the database", first, 60, "with installing and building"),
      figure("second start", second, 6, "to a usable dashboard"),
    ];
  } finally {
    await sentinel.remove();
    target.stop();
  }
};

async function built<T>(run: () => Promise<T>): Promise<T> {
  const before = await Sentinel.create();
  before.start();
  try {
    await before.ready(300_000);
  } finally {
    await before.remove();
  }
  return await run();
}

function figure(what: string, started: Started, goalSeconds: number, of: string): Figure {
  return {
    what: `${what}: from the command to ready, to live results`,
    value: `${started.readySeconds.toFixed(1)} s, ${started.liveSeconds.toFixed(1)} s`,
    against: `goal: ≤ ${goalSeconds} s ${of}`,
    ratio: times(started.liveSeconds / goalSeconds),
  };
}

async function timedStart(sentinel: Sentinel): Promise<Started> {
  const from = performance.now();
  const startedAtMs = Date.now();
  sentinel.start();
  await sentinel.ready();
  const readySeconds = (performance.now() - from) / 1000;
  await until("live results", async () => ((await liveMonitors(sentinel, startedAtMs)) ? true : undefined), 30_000);
  return { readySeconds, liveSeconds: (performance.now() - from) / 1000 };
}

interface MonitorPage {
  readonly data: readonly { readonly lastCheckedAt: string | null }[];
}

/** Every monitor was checked after this start. */
async function liveMonitors(sentinel: Sentinel, startedAtMs: number): Promise<boolean> {
  const { data } = await sentinel.call<MonitorPage>("GET", "/api/v1/monitors");
  return data.length === MONITORS && data.every((each) => Date.parse(each.lastCheckedAt ?? "") > startedAtMs);
}
