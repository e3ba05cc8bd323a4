import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import autocannon from "autocannon";
import { Sentinel } from "../harness/sentinel.ts";
import { type Bench, times } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

const CONNECTIONS = 16;
const PATHS = ["/api/status", "/api/v1/monitors", "/api/incidents?open_only=true"];

/** JSON reads under load, against a bare node:http server in a process of its own that answers the same bytes. */
export const reads: Bench = async ({ smoke }) => {
  const duration = smoke ? 1 : 10;
  const target = await startBenchTarget();
  const sentinel = await Sentinel.create({ config: yaml(target.url, 20, "every: 5s, timeout: 1s") });
  try {
    sentinel.start();
    await sentinel.ready();
    const figures = [];
    for (const path of PATHS) {
      const url = `${sentinel.url}${path}`;
      const body = await (await fetch(url)).text();
      const ours = await load(url, duration);
      const bare = await bareServer(body, (bareUrl) => load(bareUrl, duration));
      const [rate, limit] = [ours.requests.average, bare.requests.average];
      figures.push({
        what: `GET ${path}, ${CONNECTIONS} connections, ${Buffer.byteLength(body)} bytes`,
        value: `${rate.toFixed(0)} req/s, p99 ${ours.latency.p99} ms`,
        against: `bare node:http with the same bytes: ${limit.toFixed(0)} req/s, p99 ${bare.latency.p99} ms`,
        ratio: times(rate / limit),
      });
    }
    return figures;
  } finally {
    await sentinel.remove();
    target.stop();
  }
};

async function load(url: string, duration: number): Promise<autocannon.Result> {
  await autocannon({ url, connections: CONNECTIONS, duration: 1 });
  const result = await autocannon({ url, connections: CONNECTIONS, duration });
  if (result.non2xx + result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} answers were not 2xx, ${result.errors} connections failed`);
  }
  return result;
}

async function bareServer<T>(body: string, measure: (url: string) => Promise<T>): Promise<T> {
  const child = fork(join(import.meta.dirname, "bare-server.ts"));
  try {
    child.send(body);
    const [port] = await once(child, "message");
    return await measure(`http://127.0.0.1:${String(port)}/`);
  } finally {
    child.disconnect();
  }
}
