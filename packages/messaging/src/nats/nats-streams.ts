import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig as NatsStreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { SentinelError } from "@sentinel/contracts";
import type { Clock } from "@sentinel/service-kit";
import type { StreamConfig } from "../bus.ts";
import { subjectFilter } from "../subject-filter.ts";
import type { Connection } from "./nats-connection.ts";
import { isApiError, unavailable } from "./nats-errors.ts";

/** How long an epoch is believed before it is looked up again, beside the publishing. */
const EPOCH_TRUSTED_MS = 10_000;
const MAX_ROUTES = 50_000;

type Wanted = Pick<
  NatsStreamConfig,
  "name" | "subjects" | "retention" | "storage" | "discard" | "num_replicas" | "max_msgs_per_subject"
> &
  Partial<Pick<NatsStreamConfig, "max_age" | "max_bytes" | "duplicate_window">>;

/**
 * The streams on the server: made, read back, made again when a server comes back without them, and told apart by their
 * creation instant.
 */
export class NatsStreams {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #replicas: number;
  readonly #ensured = new Map<string, StreamConfig>();
  readonly #epochs = new Map<string, { readonly epoch: string; readonly atMs: number }>();
  readonly #lookups = new Map<string, Promise<StreamInfo>>();
  readonly #routes = new Map<string, string>();

  constructor(connection: Connection, clock: Clock, replicas: number) {
    this.#connection = connection;
    this.#clock = clock;
    this.#replicas = replicas;
    connection.onBreak(() => {
      this.#epochs.clear();
      this.#routes.clear();
    });
  }

  /** Errors: `bus_stream_mismatch`, `bus_unavailable`, `bus_closed`. */
  async ensure(config: StreamConfig): Promise<void> {
    await this.#connection.ready(this.#connection.timeoutMs);
    try {
      await this.#put(config);
    } catch (error) {
      if (isApiError(error, "subjectsOverlap")) {
        throw mismatch(config.name, "subjects", config.subjects.join(" "), "taken by another stream", error);
      }
      throw this.#failure(error);
    }
    this.#ensured.set(config.name, config);
    this.#routes.clear();
  }

  /** Of the stream as it is now, made again first if the server lost it. Errors: `bus_stream_missing`, `bus_unavailable`, `bus_closed`. */
  async info(name: string): Promise<StreamInfo> {
    await this.#connection.ready(this.#connection.timeoutMs);
    try {
      return await this.#lookup(name);
    } catch (error) {
      if (!isApiError(error, "streamNotFound")) throw this.#failure(error);
      const config = this.#ensured.get(name);
      if (config === undefined) throw new SentinelError("bus_stream_missing", { stream: name }, { cause: error });
      await this.ensure(config);
      return this.#lookup(name);
    }
  }

  /** May be older than the truth, never newer, so what is acknowledged under it is never taken for safer than it is. */
  async epoch(name: string): Promise<string> {
    const known = this.#epochs.get(name);
    if (known === undefined) return (await this.info(name)).created;
    if (this.#clock.monotonic() - known.atMs > EPOCH_TRUSTED_MS) void this.info(name).catch(() => undefined);
    return known.epoch;
  }

  /** The stream that takes this subject. Errors: `bus_subject_unknown`, `bus_unavailable`. */
  async route(subject: string): Promise<string> {
    const known = this.#routes.get(subject) ?? this.#ensuredFor(subject)?.name;
    const name = known ?? (await this.#find(subject));
    if (this.#routes.size >= MAX_ROUTES) this.#routes.clear();
    this.#routes.set(subject, name);
    return name;
  }

  /** Makes the stream of this subject again after the server said that nobody listens; false when it is not one of ours. */
  async remake(subject: string): Promise<boolean> {
    const config = this.#ensuredFor(subject);
    this.#routes.delete(subject);
    if (config === undefined) return false;
    this.#epochs.delete(config.name);
    await this.ensure(config);
    return true;
  }

  #ensuredFor(subject: string): StreamConfig | undefined {
    for (const config of this.#ensured.values()) {
      if (config.subjects.some((filter) => subjectFilter(filter)(subject))) return config;
    }
    return undefined;
  }

  async #find(subject: string): Promise<string> {
    try {
      return await this.#connection.ask(this.#connection.manager.streams.find(subject));
    } catch (error) {
      // The client gives a plain error when the list of names is empty.
      if (error instanceof Error && error.message.includes("no stream matches subject")) {
        throw new SentinelError("bus_subject_unknown", { subject }, { cause: error });
      }
      throw this.#failure(error);
    }
  }

  /** One request for all who ask at the same time. */
  #lookup(name: string): Promise<StreamInfo> {
    const under = this.#lookups.get(name);
    if (under !== undefined) return under;
    const lookup = this.#connection.ask(this.#connection.manager.streams.info(name)).then((info) => {
      this.#epochs.set(name, { epoch: info.created, atMs: this.#clock.monotonic() });
      return info;
    });
    this.#lookups.set(name, lookup);
    const forget = (): void => void this.#lookups.delete(name);
    lookup.then(forget, forget);
    return lookup;
  }

  async #put(config: StreamConfig): Promise<void> {
    const { streams } = this.#connection.manager;
    const ask = <T>(question: Promise<T>): Promise<T> => this.#connection.ask(question);
    const wanted = toNats(config, this.#replicas);
    let existing: StreamInfo | undefined;
    try {
      existing = await ask(streams.info(config.name));
    } catch (error) {
      if (!isApiError(error, "streamNotFound")) throw error;
    }
    // Copies, because the client adds fields of its own to what it is given.
    if (existing === undefined) await ask(streams.add({ ...wanted }));
    else {
      refuseOther(config.name, "retention", RETENTION[config.retention], existing.config.retention);
      if (differences(wanted, existing.config).length > 0) await ask(streams.update(config.name, { ...wanted }));
    }
    this.#epochs.delete(config.name);
    const { config: kept } = await this.#lookup(config.name);
    const [different] = differences(wanted, kept);
    if (different !== undefined) throw mismatch(config.name, ...different);
  }

  #failure(error: unknown): SentinelError {
    if (this.#connection.closed.aborted) return new SentinelError("bus_closed", {}, { cause: error });
    return unavailable(this.#connection.servers, this.#connection.timeoutMs, error);
  }
}

const RETENTION = {
  log: RetentionPolicy.Limits,
  latest: RetentionPolicy.Limits,
  work: RetentionPolicy.Workqueue,
} as const;

/** How the server's words for a retention read in ours. */
const RETENTION_NAMES: Readonly<Record<string, string>> = { limits: "log", workqueue: "work" };

function toNats(config: StreamConfig, replicas: number): Wanted {
  const { name, subjects, retention, maxAgeMs, maxBytes, duplicateWindowMs } = config;
  return {
    name,
    subjects: [...subjects],
    retention: RETENTION[retention],
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    max_msgs_per_subject: retention === "latest" ? 1 : -1,
    ...(maxAgeMs === undefined ? {} : { max_age: nanos(maxAgeMs) }),
    ...(maxBytes === undefined ? {} : { max_bytes: maxBytes }),
    ...(duplicateWindowMs === undefined ? {} : { duplicate_window: nanos(duplicateWindowMs) }),
  };
}

/** Each setting we asked for that the server has otherwise: an old one drops what it does not know, without a word. */
function differences(wanted: Wanted, got: NatsStreamConfig): [setting: string, wanted: string, got: string][] {
  const kept = new Map(Object.entries(got).map(([key, value]) => [key, text(value)]));
  return Object.entries(wanted)
    .map(([key, value]): [string, string, string] => [key, text(value), kept.get(key) ?? "nothing"])
    .filter(([, asked, has]) => asked !== has);
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.map(String).sort().join(" ") : String(value);
}

/** Errors: `bus_stream_mismatch` with both retentions in our words. */
export function refuseOther(stream: string, setting: string, wanted: string, got: string): void {
  if (wanted === got) return;
  throw mismatch(stream, setting, RETENTION_NAMES[wanted] ?? wanted, RETENTION_NAMES[got] ?? got);
}

export function mismatch(stream: string, setting: string, wanted: string, got: string, cause?: unknown): SentinelError {
  return new SentinelError(
    "bus_stream_mismatch",
    { stream, setting, wanted, got },
    cause === undefined ? {} : { cause },
  );
}
