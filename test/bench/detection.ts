import { Sentinel, until } from "../harness/sentinel.ts";
import { readEventFrames } from "../harness/event-frames.ts";
import { type Bench, paced, percentile, times } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

const GOAL_MS = 300;

/** From the target's failing answer to the incident's frame on the event stream, through probe, spool, bus, fold and commit. */
export const detection: Bench = async ({ smoke }) => {
  const monitors = smoke ? 20 : 200;
  const target = await startBenchTarget();
  const each = "every: 1s, timeout: 1s, failuresToConfirm: 1, repair: {action: wake-up, mode: off}";
  const sentinel = await Sentinel.create({ config: yaml(target.url, monitors, each) });
  const seen = new Map<string, number>();
  let snapshot = false;
  try {
    sentinel.start();
    await sentinel.ready();
    const stream = readEventFrames(`${sentinel.url}/api/v1/events`, ({ event, data }) => {
      if (event === "snapshot") snapshot = true;
      const name = event === "incident" ? /"monitorName":"m(\d+)"/.exec(data)?.[1] : undefined;
      if (name !== undefined && !seen.has(name)) seen.set(name, performance.now());
    });
    await until("the stream's snapshot", () => (snapshot ? true : undefined), 10_000);
    const warm = target.answered() + 3 * monitors;
    await until("the first rounds", () => (target.answered() >= warm ? true : undefined), 60_000);
    let next = 0;
    await paced(40, monitors * 25, () => target.failing.set(`/${next++}`, 0));
    await until("all incidents on the stream", () => (seen.size >= monitors ? true : undefined), 60_000);
    stream.close();
    const delays = [...seen].map(([name, at]) => at - (target.failing.get(`/${name}`) ?? at));
    const p99 = percentile(delays, 99);
    return [
      {
        what: `failing answer → incident's frame on the event stream, ${monitors} outages at ${monitors} results/s`,
        value: `p50 ${percentile(delays, 50).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
        against: `goal: p99 ≤ ${GOAL_MS} ms`,
        ratio: times(p99 / GOAL_MS),
      },
    ];
  } finally {
    await sentinel.remove();
    target.stop();
  }
};
