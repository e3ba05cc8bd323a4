// `npm run test:load [-- --full]`: REST reads and writes, gRPC streams (k6) and SSE fan-out against a real all-in-one
// Sentinel with fast monitors of a loopback target. Bounded in time and count; traffic stays on this machine.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { ensureTool } from "../../tools/go-tools.mjs";
import { Sentinel, freePort } from "../harness/sentinel.ts";
import { sseFanout } from "./sse-fanout.ts";

const full = process.argv.includes("--full");
const duration = full ? "60s" : "8s";
const root = join(import.meta.dirname, "../..");

function k6(binary: string, script: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  const child = spawn(binary, ["run", "--quiet", "--no-usage-report", join(root, "test/load/k6", script)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((resolve) => child.on("exit", (code) => resolve(code === 0)));
}

const target = createServer((_request, response) => response.end("ok"));
const targetPort = await freePort();
await new Promise<void>((resolve) => target.listen(targetPort, "127.0.0.1", resolve));
const targetUrl = `http://127.0.0.1:${targetPort}`;
const monitors = Array.from(
  { length: 20 },
  (_, i) => `  m${i}: {endpoints: [${targetUrl}/${i}], every: 1s, timeout: 1s}`,
);
const grpcPort = await freePort();
const sentinel = await Sentinel.create({
  config: `monitors:\n${monitors.join("\n")}\n`,
  args: ["--grpc-port", String(grpcPort)],
});

let passed = 0;
let failed = 0;
const count = (name: string, ok: boolean): void => {
  process.stdout.write(`${ok ? "ok    " : "FAILED"} ${name}\n`);
  if (ok) passed += 1;
  else failed += 1;
};

try {
  const binary = await ensureTool("k6");
  sentinel.start();
  await sentinel.ready();
  const env = {
    SENTINEL_URL: sentinel.url,
    TARGET_URL: targetUrl,
    GRPC_ADDRESS: `127.0.0.1:${grpcPort}`,
    PROTO_FOLDER: join(root, "proto"),
    DURATION: duration,
  };
  count("REST reads and writes", await k6(binary, "rest.js", full ? { ...env, READS_PER_SECOND: "2000" } : env));
  count("gRPC calls and watch streams", await k6(binary, "grpc.js", full ? { ...env, STREAMS: "200" } : env));
  const fanout = await sseFanout(sentinel.url, full ? 500 : 100, full ? 60_000 : 5000);
  process.stdout.write(`SSE fan-out: ${JSON.stringify(fanout)}\n`);
  count(
    "SSE fan-out: each client a snapshot, frames in order",
    fanout.withoutSnapshot + fanout.withGaps === 0 && fanout.frames > fanout.clients,
  );
} finally {
  await sentinel.remove();
  target.close();
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
