import { Sentinel } from "../harness/sentinel.ts";
import { type Bench, mib, tree, use } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

/** Seconds from the command to a dashboard with live results, on a new and on an existing data folder. */
export const startTime: Bench = async () => {
  const target = await startBenchTarget();
  const sentinel = await Sentinel.create({ config: yaml(target.url, 5, "every: 1s, timeout: 1s") });
  try {
    const first = await timedStart(sentinel);
    await sentinel.stop();
    const second = await timedStart(sentinel);
    return [
      {
        what: "first start of `sentinel up` to readiness",
        value: `${first.toFixed(1)} s`,
        against: "limit 60 s, with installing and building",
      },
      { what: "second start to readiness", value: `${second.toFixed(1)} s`, against: "limit 6 s" },
    ];
  } finally {
    await sentinel.remove();
    target.stop();
  }
};

async function timedStart(sentinel: Sentinel): Promise<number> {
  const from = performance.now();
  sentinel.start();
  await sentinel.ready();
  return (performance.now() - from) / 1000;
}

/** Resident memory with 1,000 monitors at 30 s. */
export const memory: Bench = async ({ smoke }) => {
  const monitors = smoke ? 100 : 1000;
  const target = await startBenchTarget();
  const sentinel = await Sentinel.create({ config: yaml(target.url, monitors, "every: 30s, timeout: 1s") });
  try {
    sentinel.start();
    await sentinel.ready();
    const until = performance.now() + (smoke ? 5000 : 75_000);
    while (performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 500));
    const pid = sentinel.pid ?? 0;
    const others = tree(pid)
      .slice(1)
      .reduce((sum, each) => sum + use(each).rssBytes, 0);
    return [
      {
        what: `resident memory with ${monitors} monitors`,
        value: `${mib(use(pid).rssBytes)} beside PostgreSQL (its processes, shared pages counted each time: ${mib(others)})`,
        against:
          "limit 300 MiB at 1,000; Uptime Kuma 2.5.3: 495 MiB at 500 monitors every second (published in our notes)",
      },
    ];
  } finally {
    await sentinel.remove();
    target.stop();
  }
};
