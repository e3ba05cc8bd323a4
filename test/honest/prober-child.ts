// The prober of the stage, in a process of its own so that it can be stopped, starved and blocked. It tells each result.
import { pbkdf2 } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import {
  CheckResult,
  type Monitor,
  MonitorView,
  type SentinelApi,
  STREAM_CHECKS,
  WatchResponse,
} from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { createEgress, createResolve } from "@sentinel/egress";
import { type Bus, ensureStreams } from "@sentinel/messaging";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { openSpool, startProber, startSelfCheck } from "@sentinel/prober";
import {
  createMetrics,
  noFailpoint,
  offTracing,
  type ServiceKit,
  silentLog,
  systemClock,
  systemRandom,
} from "@sentinel/service-kit";

const [monitorsText = "[]", resolver = "", spoolFolder = "", offsetText = "0"] = process.argv.slice(2);
let offsetMs = Number(offsetText);
const clock = {
  now: () => systemClock.now() + offsetMs,
  monotonic: () => systemClock.monotonic(),
  sleep: systemClock.sleep.bind(systemClock),
};
const kit: ServiceKit = {
  clock,
  random: systemRandom,
  log: silentLog,
  metrics: createMetrics(),
  tracing: offTracing,
  failpoint: noFailpoint,
};
const monitors: readonly Parameters<typeof Monitor.fromPartial>[0][] = JSON.parse(monitorsText);
let away = false;
let hangUp: () => void = () => undefined;
const stopping = new AbortController();

const watch: SentinelApi["watch"] = async function* (_request, { signal }) {
  if (away) throw new SentinelError("bus_unavailable", {});
  for (const each of monitors) {
    const monitor = MonitorView.fromPartial({ monitor: each });
    yield { ...WatchResponse.fromPartial({ atMs: 1 }), change: { $case: "monitor", value: monitor } };
  }
  await new Promise<void>((resolve) => {
    hangUp = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
};

const inner = createEmbeddedBus({ clock, random: systemRandom });
const bus: Bus = {
  ensureStream: (config) => inner.ensureStream(config),
  read: (stream, options) => inner.read(stream, options),
  consume: (options) => inner.consume(options),
  state: (stream) => inner.state(stream),
  onBack: (listener) => inner.onBack(listener),
  close: () => inner.close(),
  publish: (subject, data, options) =>
    away ? Promise.reject(new SentinelError("bus_unavailable", {})) : inner.publish(subject, data, options),
  connected: () => !away && inner.connected(),
};
await ensureStreams(bus);
const resolve = createResolve({ clock, servers: [resolver] });
const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock, resolve });
const resolveAnew = (host: string, timeoutMs: number): ReturnType<typeof resolve> =>
  createResolve({ clock, servers: [resolver] })(host, timeoutMs);
const selfCheck = await startSelfCheck({ kit, egress, resolveAnew });
const spool = await openSpool(spoolFolder);
const prober = await startProber({ kit, bus, egress, api: { watch }, spool, selfCheck, region: "here", name: "p" });

const held: number[] = [];
const DEEDS: Readonly<Record<string, (by: number) => void>> = {
  block: (ms) => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  },
  descriptors: () => {
    try {
      for (;;) held.push(openSync("/dev/null", "r"));
    } catch {
      // As many as there are.
    }
  },
  "descriptors back": () => {
    for (const each of held.splice(0)) closeSync(each);
  },
  "clock by": (ms) => {
    offsetMs += ms;
  },
  "broker away": () => {
    away = true;
    hangUp();
  },
  "broker back": () => {
    away = false;
  },
  "pool busy": (count) => {
    for (let i = 0; i < count; i += 1) pbkdf2("a", "b", 3_000_000, 64, "sha512", () => undefined);
  },
  garbage: (count) => {
    for (let i = 0; i < count; i += 1) Array.from({ length: 2_000_000 }, (_, n) => ({ n }));
  },
  stop: () => {
    void prober.stop().then(() => {
      stopping.abort();
      process.disconnect();
    });
  },
};
process.on("message", (message: { readonly deed: string; readonly by: number }) => DEEDS[message.deed]?.(message.by));
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
for await (const message of inner.read(STREAM_CHECKS, { afterSeq: 0, signal: stopping.signal })) {
  const { monitorId, verdict, reason } = CheckResult.decode(message.data);
  process.send?.({ monitorId, verdict, reason });
}
