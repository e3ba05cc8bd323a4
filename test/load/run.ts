// `npm run test:load [-- --smoke]`: REST reads and writes and gRPC (k6), and SSE fan-out, against a real all-in-one
// Sentinel with fast monitors of a loopback target. Wrong answers fail, slow ones do not: machines differ.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureTool } from "../../tools/go-tools.mjs";
import { Sentinel } from "../harness/sentinel.ts";
import { sseFanout } from "./sse-fanout.ts";

const { values } = parseArgs({ options: { smoke: { type: "boolean", default: false } } });
const load = values.smoke
  ? { duration: "8s", reads: "150", writes: "5", calls: "40", streams: "20", clients: 100, fanoutMs: 6000 }
  : { duration: "60s", reads: "500", writes: "20", calls: "100", streams: "200", clients: 500, fanoutMs: 60_000 };
const root = join(import.meta.dirname, "../..");
const MONITORS = 20;

interface Target {
  readonly url: string;
  close(): void;
}

async function startTarget(): Promise<Target> {
  const server = createServer((_request, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

function k6(binary: string, script: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  const child = spawn(binary, ["run", "--quiet", "--no-usage-report", join(root, "test/load/k6", script)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((resolve) => {
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}

async function fanout(url: string): Promise<boolean> {
  const { clients, fanoutMs } = load;
  const result = await sseFanout(url, clients, fanoutMs);
  process.stdout.write(`\nSSE fan-out: ${JSON.stringify(result)}\n`);
  const wrong = result.withoutSnapshot + result.outOfOrder + result.withGaps + result.ended;
  return wrong === 0 && result.frames > clients;
}

async function suite(binary: string, sentinel: Sentinel, target: Target): Promise<number> {
  const env = {
    SENTINEL_URL: sentinel.url,
    TARGET_URL: target.url,
    GRPC_ADDRESS: `127.0.0.1:${sentinel.grpcPort}`,
    PROTO_FOLDER: join(root, "proto"),
    DURATION: load.duration,
    READS_PER_SECOND: load.reads,
    WRITES_PER_SECOND: load.writes,
    CALLS_PER_SECOND: load.calls,
    STREAMS: load.streams,
    MONITORS: String(MONITORS),
  };
  const parts: readonly (readonly [string, () => Promise<boolean>])[] = [
    ["REST reads and writes", () => k6(binary, "rest.js", env)],
    ["gRPC calls and watch streams", () => k6(binary, "grpc.js", env)],
    ["SSE fan-out: a snapshot for each client, then every frame, in order", () => fanout(sentinel.url)],
    ["alive and well afterwards", async () => (await fetch(`${sentinel.url}/readyz`)).status === 200],
  ];
  let failed = 0;
  for (const [name, part] of parts) {
    const ok = await part();
    process.stdout.write(`${ok ? "ok    " : "FAILED"} ${name}\n`);
    if (!ok) failed += 1;
  }
  process.stdout.write(`${parts.length - failed} passed, ${failed} failed\n`);
  return failed;
}

async function run(): Promise<number> {
  const binary = await ensureTool("k6").catch((error: unknown) => {
    process.stdout.write(`The load tests need k6. ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  });
  if (binary === undefined) {
    process.stdout.write("0 passed, 1 failed\n");
    return 1;
  }
  const target = await startTarget();
  const each = (index: number): string => `  m${index}: {endpoints: [${target.url}/${index}], every: 1s, timeout: 1s}`;
  const config = `monitors:\n${Array.from({ length: MONITORS }, (_, index) => each(index)).join("\n")}\n`;
  const sentinel = await Sentinel.create({ config });
  try {
    sentinel.start();
    await sentinel.ready(300_000);
    return await suite(binary, sentinel, target);
  } finally {
    await sentinel.remove();
    target.close();
  }
}

process.exitCode = (await run()) === 0 ? 0 : 1;
