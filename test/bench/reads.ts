import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import autocannon from "autocannon";
import { Sentinel } from "../harness/sentinel.ts";
import type { Bench, Figure } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

/** Cached JSON reads, against a bare node:http server that answers the same bytes in the same run. */
export const reads: Bench = async ({ smoke }) => {
  const seconds = smoke ? 2 : 10;
  const target = await startBenchTarget();
  const sentinel = await Sentinel.create({ config: yaml(target.url, 20, "every: 5s, timeout: 1s") });
  try {
    sentinel.start();
    await sentinel.ready();
    const body = await (await fetch(`${sentinel.url}/api/status`)).text();
    const bare = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    });
    await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
    const address = bare.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const ours = await autocannon({ url: `${sentinel.url}/api/status`, connections: 16, duration: seconds });
    const limit = await autocannon({ url: `http://127.0.0.1:${port}/`, connections: 16, duration: seconds });
    bare.close();
    if (ours.non2xx > 0 || ours.errors > 0)
      throw new Error(`reads failed: ${ours.non2xx} not 2xx, ${ours.errors} errors`);
    return [
      {
        what: "GET /api/status, 16 connections",
        value: `${ours.requests.average.toFixed(0)} req/s, p99 ${ours.latency.p99} ms`,
        against: `bare node:http with the same bytes: ${limit.requests.average.toFixed(0)} req/s, p99 ${limit.latency.p99} ms (ratio ${(ours.requests.average / limit.requests.average).toFixed(2)})`,
      },
      ...(await pageBytes(sentinel.url)),
    ];
  } finally {
    await sentinel.remove();
    target.stop();
  }
};

/** JavaScript each page loads, gzipped. */
async function pageBytes(url: string): Promise<readonly Figure[]> {
  const out = join(import.meta.dirname, "../../web/out");
  const built = await readdir(join(out, "_next")).catch(() => []);
  if (built.length === 0) return [];
  const pages = ["/en", "/en/monitors", "/en/incidents", "/en/settings"];
  return Promise.all(
    pages.map(async (page) => {
      const html = await (await fetch(`${url}${page}`)).text();
      const scripts = new Set(
        [...html.matchAll(/src="(\/_next\/[^"]+\.js)"(?! noModule)/g)].map((match) => match[1] ?? ""),
      );
      const sizes = await Promise.all(
        [...scripts].map(async (path) => gzipSync(await readFile(join(out, path))).length),
      );
      return {
        what: `JavaScript of ${page}, gzipped`,
        value: `${(sizes.reduce((sum, size) => sum + size, 0) / 1000).toFixed(0)} kB`,
        against: "limit 195 kB (skeleton 135 + route 60)",
      };
    }),
  );
}
