import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Sentinel, until } from "../harness/sentinel.ts";
import { type Bench, percentile } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

/** From the target's failing answer to the incident's frame on the event stream, through probe, spool, bus, fold and commit. */
export const detection: Bench = async ({ smoke }) => {
  const monitors = smoke ? 20 : 200;
  const target = await startBenchTarget();
  const each = "every: 1s, timeout: 1s, failuresToConfirm: 1, repair: {action: wake-up, mode: off}";
  const sentinel = await Sentinel.create({ config: yaml(target.url, monitors, each) });
  const seen = new Map<string, number>();
  try {
    sentinel.start();
    await sentinel.ready();
    const stream = get(`${sentinel.url}/api/v1/events`, (response) => {
      let rest = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const name = /event: incident\n/.test(block) ? /"monitorName":"m(\d+)"/.exec(block)?.[1] : undefined;
          if (name !== undefined && !seen.has(name)) seen.set(name, performance.now());
        }
      });
      response.on("error", () => undefined);
    });
    stream.on("error", () => undefined);
    await sleep(3000);
    for (let i = 0; i < monitors; i += 1) {
      target.failing.set(`/${i}`, 0);
      await sleep(20);
    }
    await until("all incidents on the stream", () => (seen.size === monitors ? true : undefined), 60_000);
    stream.destroy();
    const delays = [...seen].map(([name, at]) => at - (target.failing.get(`/${name}`) ?? at));
    return [
      {
        what: `failing answer → incident on the event stream (${monitors} outages, ${monitors} checks/s)`,
        value: `p50 ${percentile(delays, 50).toFixed(0)} ms, p99 ${percentile(delays, 99).toFixed(0)} ms`,
        against: "limit p99 300 ms",
      },
    ];
  } finally {
    await sentinel.remove();
    target.stop();
  }
};
