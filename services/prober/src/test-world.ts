import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  CheckResult,
  Monitor,
  type MonitorSpec,
  MonitorView,
  partitionOf,
  type SentinelApi,
  SentinelError,
  STREAM_CHECKS,
  subjects,
  Watermark,
  WatchResponse,
} from "@sentinel/contracts";
import { createEgress } from "@sentinel/egress";
import { type Bus, ensureStreams, fingerprintOf, packFingerprints } from "@sentinel/messaging";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import {
  createMetrics,
  noFailpoint,
  offTracing,
  type Service,
  type ServiceKit,
  silentLog,
  systemClock,
} from "@sentinel/service-kit";
import { type HttpTarget, seededRandom, startHttpTarget, VirtualClock } from "@sentinel/testkit";
import { nextSlot, phaseOf } from "./core/slots.ts";
import { openSpool } from "./spool/spool.ts";
import { type FirstChecks, startProber } from "./start.ts";

export const EVERY_MS = 30_000;
const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
const cleanups: (() => Promise<unknown>)[] = [];

/** Ends everything a test began, newest first. */
export async function endWorld(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}

/** Monitors as the incidents service would tell of them. */
class Feed implements Pick<SentinelApi, "watch"> {
  readonly #queue: WatchResponse[] = [];
  #wake: () => void = () => undefined;
  #hungUp = false;

  put(monitor: Monitor): void {
    this.#push({ $case: "monitor", value: MonitorView.fromPartial({ monitor }) });
  }
  remove(id: string): void {
    this.#push({ $case: "monitorRemoved", value: id });
  }
  complete(): void {
    this.#push({ $case: "snapshotComplete", value: true });
  }
  /** As when the connection breaks; what was not told yet is told to the next caller. */
  hangUp(): void {
    this.#hungUp = true;
    this.#wake();
  }
  #push(change: WatchResponse["change"]): void {
    this.#queue.push({ ...WatchResponse.fromPartial({ atMs: 1 }), change });
    this.#wake();
  }
  readonly watch: SentinelApi["watch"] = (_request, { signal }) => this.#changes(signal);

  async *#changes(signal: AbortSignal): AsyncGenerator<WatchResponse> {
    this.#hungUp = false;
    while (!signal.aborted && !this.#hungUp) {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) yield next;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}

/** Everything on the checks stream, in order, with a way to wait for more. */
class Results {
  readonly all: CheckResult[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(bus: Bus, signal: AbortSignal) {
    void this.#follow(bus, signal);
  }
  async #follow(bus: Bus, signal: AbortSignal): Promise<void> {
    for await (const message of bus.read(STREAM_CHECKS, { afterSeq: 0, signal })) {
      this.all.push(CheckResult.decode(message.data));
      for (const wake of this.#waiting) wake();
    }
  }
  /** The first `count` results of a monitor. */
  async of(monitorId: string, count: number): Promise<readonly CheckResult[]> {
    for (;;) {
      const found = this.all.filter((each) => each.monitorId === monitorId);
      if (found.length >= count) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

/** The way to the broker, which a test may cut. */
interface Link {
  up: boolean;
  /** Who is told when it is up again. */
  readonly back: Set<() => void>;
}

export interface World {
  readonly clock: VirtualClock;
  readonly bus: Bus;
  readonly feed: Feed;
  readonly results: Results;
  /** Ids published so far, repeats included. */
  readonly published: string[];
  readonly link: Link;
  readonly folder: string;
  readonly service: Service;
  /** What was logged, by name. */
  readonly said: readonly string[];
}

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "prober-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

export async function world(
  from: Partial<Pick<World, "clock" | "folder">> & { readonly seed?: number; readonly firstChecks?: FirstChecks } = {},
): Promise<World> {
  const clock = from.clock ?? new VirtualClock();
  const folder = from.folder ?? (await newFolder());
  const inner = createEmbeddedBus({ clock, random: seededRandom(from.seed ?? 1) });
  const published: string[] = [];
  const link: Link = { up: true, back: new Set() };
  const bus = tapped(inner, published, link);
  await ensureStreams(bus);
  const reading = new AbortController();
  const results = new Results(inner, reading.signal);
  const feed = new Feed();
  const said: string[] = [];
  const kit: ServiceKit = {
    clock,
    random: seededRandom(2),
    log: { ...silentLog, warn: (event) => void said.push(event), info: (event) => void said.push(event) },
    metrics: createMetrics(),
    tracing: offTracing,
    failpoint: noFailpoint,
  };
  const service = await startProber({
    kit,
    bus,
    api: feed,
    egress,
    spool: await openSpool(folder),
    region: "local",
    name: "p1",
    firstChecks: from.firstChecks ?? "at-once",
  });
  cleanups.push(async () => {
    await service.stop();
    reading.abort();
    await inner.close();
  });
  return { clock, bus, feed, results, published, link, folder, service, said };
}

/** The same bus, noting what is published to the fold, over a link that may be cut. */
function tapped(bus: Bus, published: string[], link: Link): Bus {
  return {
    ensureStream: (config) => bus.ensureStream(config),
    publish: (subject, data, options) => {
      if (subject.startsWith("chk.")) published.push(options?.id ?? "");
      if (!link.up) return Promise.reject(new SentinelError("bus_unavailable", {}));
      return bus.publish(subject, data, options);
    },
    read: (stream, options) => bus.read(stream, options),
    consume: (options) => bus.consume(options),
    state: (stream) => bus.state(stream),
    connected: () => link.up && bus.connected(),
    onBack: (listener) => {
      link.back.add(listener);
      return () => void link.back.delete(listener);
    },
    close: () => bus.close(),
  };
}

export async function target(): Promise<HttpTarget> {
  const started = await startHttpTarget();
  cleanups.push(() => started.stop());
  return started;
}

export const monitor = (id: string, url: string, spec: Partial<MonitorSpec> = {}, version = 1): Monitor => {
  const whole = Monitor.fromPartial({
    id,
    version,
    // When the clock of a test starts.
    createdAtMs: Date.UTC(2026, 0, 1),
    spec: { name: id, endpoints: [{ url, method: "GET" }] },
  });
  if (whole.spec === undefined) throw new Error("no spec");
  return { ...whole, spec: { ...whole.spec, everyMs: EVERY_MS, timeoutMs: 10_000, ...spec } };
};

/** To the next slot of a monitor, and the slot. */
export async function toNextSlot(clock: VirtualClock, id: string): Promise<number> {
  // A slot right after the first check is left out.
  const slotMs = nextSlot(clock.now() + EVERY_MS / 2, EVERY_MS, phaseOf(id, EVERY_MS));
  await clock.advance(slotMs - clock.now());
  return slotMs;
}

/** Lets sockets and files do their work, which no virtual clock waits for. */
export async function turnsUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** The watermark of a fold that has these results. */
export const confirm = (
  at: World,
  id: string,
  streamEpoch: string,
  seq: number,
  results: readonly CheckResult[] = [],
  atMs = 0,
): Promise<unknown> => {
  const folded = packFingerprints(results.map((each) => fingerprintOf(CheckResult.encode(each).finish())));
  const mark = Watermark.fromPartial({ part: partitionOf(id), streamEpoch, seq, folded, atMs });
  return at.bus.publish(subjects.watermark(mark.part), Watermark.encode(mark).finish());
};

export const leftIn = async (folder: string): Promise<readonly string[]> => {
  const spool = await openSpool(folder);
  const ids = spool.left.map((entry) => entry.id);
  await spool.close();
  return ids;
};
