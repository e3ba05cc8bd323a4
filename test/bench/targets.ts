import { createServer } from "node:http";

export interface BenchTarget {
  readonly url: string;
  /** Paths that answer 500 from now on, with the instant of their first failing answer. */
  readonly failing: Map<string, number>;
  answered(): number;
  stop(): void;
}

/** A cheap HTTP server on a free port that can fail path by path and keeps count. */
export async function startBenchTarget(): Promise<BenchTarget> {
  const failing = new Map<string, number>();
  let answered = 0;
  const server = createServer((request, response) => {
    answered += 1;
    const path = request.url ?? "/";
    const since = failing.get(path);
    if (since === undefined) {
      response.end("ok");
      return;
    }
    if (since === 0) failing.set(path, performance.now());
    response.writeHead(500).end("broken");
  });
  server.keepAliveTimeout = 1;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, failing, answered: () => answered, stop: () => server.close() };
}

export function yaml(url: string, count: number, each: string): string {
  const lines = Array.from({ length: count }, (_, i) => `  m${i}: {endpoints: [${url}/${i}], ${each}}`);
  return `monitors:\n${lines.join("\n")}\n`;
}
