import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import type { MonitorSpec } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { type Clock, systemClock } from "@sentinel/service-kit";
import { close, listen } from "./listen.ts";
import { createSleeper } from "./sleeper.ts";

const FIRST_PORT = 8390;
const SLOW_ANSWER_MS = 1200;
const IDLE_MS = 30_000;
const WAKE_MS = 20_000;

/** The loopback services that misbehave on purpose, and the monitors that watch them. */
export interface DemoTargets {
  /** "demo-healthy", "demo-slow", "demo-broken", "demo-expired", "demo-sleeper". */
  readonly monitors: readonly MonitorSpec[];
  stop(): Promise<void>;
}

interface Target {
  readonly name: string;
  readonly scheme: "http" | "https";
  readonly server: Server;
  /** What its monitor says besides the address, in the authoring form. */
  readonly monitor: Readonly<Record<string, unknown>>;
}

/** @throws SentinelError `demo_port_unavailable` {address, reason} */
export async function startDemoTargets({ clock = systemClock }: { readonly clock?: Clock } = {}): Promise<DemoTargets> {
  const stopped = new AbortController();
  const targets = await createTargets(clock, stopped.signal);
  const stop = async (): Promise<void> => {
    stopped.abort();
    await Promise.all(targets.map(({ server }) => close(server)));
  };
  try {
    const monitors: MonitorSpec[] = [];
    for (const [i, target] of targets.entries()) {
      const port = await listen(target.server, FIRST_PORT + i);
      monitors.push(specOf(target, `${target.scheme}://127.0.0.1:${port}/`));
    }
    return { monitors, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function createTargets(clock: Clock, stopped: AbortSignal): Promise<readonly Target[]> {
  // One file holds both, and each reader takes the block it knows.
  const pem = await readFile(join(import.meta.dirname, "demo-expired.pem"), "utf8");
  const noRepair = { repair: { mode: "off" } };
  return [
    { name: "demo-healthy", scheme: "http", server: answering(200, "fine\n"), monitor: noRepair },
    {
      name: "demo-slow",
      scheme: "http",
      server: createServer((_, response) => {
        void clock.sleep(SLOW_ANSWER_MS, stopped).then(() => response.end("fine, at last\n"));
      }),
      monitor: { ...noRepair, slowAfter: "500ms", nature: "business", owner: "shop team" },
    },
    { name: "demo-broken", scheme: "http", server: answering(500, "out of order\n"), monitor: noRepair },
    {
      name: "demo-expired",
      scheme: "https",
      server: createTlsServer({ cert: pem, key: pem }, (_, response) => response.end("fine\n")),
      monitor: noRepair,
    },
    {
      name: "demo-sleeper",
      scheme: "http",
      server: createSleeper({ clock, idleMs: IDLE_MS, wakeMs: WAKE_MS }, stopped),
      monitor: { tags: ["demo", "sleeps"], repair: { action: "wake-up", mode: "auto", patience: "30s" } },
    },
  ];
}

function answering(status: number, body: string): Server {
  return createServer((_, response) => response.writeHead(status, { "content-type": "text/plain" }).end(body));
}

function specOf(target: Target, url: string): MonitorSpec {
  const authored = { endpoints: [url], every: "5s", timeout: "4s", tags: ["demo"], ...target.monitor };
  const parsed = parseMonitorInput(authored, [], target.name);
  if (parsed.ok) return parsed.spec;
  throw new Error(`The demo's own monitor ${target.name} is not valid: ${JSON.stringify(parsed.problems)}`);
}
