import { SentinelError } from "@sentinel/contracts";
import { type Clock, type Log, type Random, silentLog } from "@sentinel/service-kit";
import type {
  Bus,
  ConsumeOptions,
  Message,
  PublishAck,
  PublishOptions,
  ReadOptions,
  StreamConfig,
  WorkMessage,
} from "../bus.ts";
import { filtersOverlap, isPublishable } from "../subject-filter.ts";
import { EmbeddedStream } from "./embedded-stream.ts";

/** As the default of nats-server, so that what passes here passes there. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Subjects whose stream is remembered; past it the memory starts anew. */
const MAX_ROUTES = 50_000;

export interface EmbeddedBusOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Told what was parked or given up; silent when absent. */
  readonly log?: Log;
}

/**
 * The bus inside one process. It keeps its messages in memory and begins a new epoch with each life: forgetting is part
 * of the port, and the parts around it are built for that.
 */
export function createEmbeddedBus({ clock, random, log = silentLog }: EmbeddedBusOptions): Bus {
  return new EmbeddedBus(clock, Buffer.from(random.bytes(8)).toString("hex"), log);
}

class EmbeddedBus implements Bus {
  readonly #clock: Clock;
  readonly #epoch: string;
  readonly #log: Log;
  readonly #streams = new Map<string, EmbeddedStream>();
  readonly #routes = new Map<string, EmbeddedStream>();
  readonly #closed = new AbortController();

  constructor(clock: Clock, epoch: string, log: Log) {
    this.#clock = clock;
    this.#epoch = epoch;
    this.#log = log;
  }

  async ensureStream(config: StreamConfig): Promise<void> {
    this.#mustBeOpen();
    this.#refuseSharedSubjects(config);
    this.#routes.clear();
    const stream = this.#streams.get(config.name);
    if (stream === undefined) {
      this.#streams.set(config.name, new EmbeddedStream(config, this.#epoch, this.#clock, this.#log));
    } else stream.configure(config);
  }

  async publish(subject: string, data: Uint8Array, options: PublishOptions = {}): Promise<PublishAck> {
    this.#mustBeOpen();
    if (data.length > MAX_MESSAGE_BYTES) {
      const sizes = { bytes: String(data.length), limitBytes: String(MAX_MESSAGE_BYTES) };
      throw new SentinelError("bus_message_too_large", { subject, ...sizes });
    }
    return this.#route(subject).publish(subject, data, options);
  }

  async *read(stream: string, options: ReadOptions): AsyncGenerator<Message, void, undefined> {
    this.#mustBeOpen();
    const signal = AbortSignal.any([options.signal, this.#closed.signal]);
    yield* this.#stream(stream).read({ ...options, signal });
  }

  async *consume(options: ConsumeOptions): AsyncGenerator<WorkMessage, void, undefined> {
    this.#mustBeOpen();
    const queue = this.#stream(options.stream).queue(options);
    yield* queue.consume(AbortSignal.any([options.signal, this.#closed.signal]));
  }

  async state(stream: string): Promise<{ epoch: string; firstSeq: number; lastSeq: number }> {
    this.#mustBeOpen();
    return this.#stream(stream).state();
  }

  connected(): boolean {
    return !this.#closed.signal.aborted;
  }

  /** It lives in this process, so it is never away. */
  onBack(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const stream of this.#streams.values()) stream.close();
  }

  #mustBeOpen(): void {
    if (this.#closed.signal.aborted) throw new SentinelError("bus_closed");
  }

  #stream(name: string): EmbeddedStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new SentinelError("bus_stream_missing", { stream: name });
    return stream;
  }

  #route(subject: string): EmbeddedStream {
    const known = this.#routes.get(subject);
    if (known !== undefined) return known;
    if (!isPublishable(subject)) throw new SentinelError("bus_subject_invalid", { subject });
    for (const stream of this.#streams.values()) {
      if (!stream.takes(subject)) continue;
      if (this.#routes.size >= MAX_ROUTES) this.#routes.clear();
      this.#routes.set(subject, stream);
      return stream;
    }
    throw new SentinelError("bus_subject_unknown", { subject });
  }

  /** A subject belongs to one stream, else an acknowledgement would not say where the message went. */
  #refuseSharedSubjects({ name, subjects }: StreamConfig): void {
    for (const { config } of this.#streams.values()) {
      if (config.name === name) continue;
      const taken = config.subjects.find((theirs) => subjects.some((ours) => filtersOverlap(ours, theirs)));
      if (taken === undefined) continue;
      throw new SentinelError("bus_stream_mismatch", {
        stream: name,
        setting: "subjects",
        wanted: subjects.join(" "),
        got: `${taken} of stream ${config.name}`,
      });
    }
  }
}
