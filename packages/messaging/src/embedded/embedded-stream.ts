import { SentinelError } from "@sentinel/contracts";
import type { Clock, Log } from "@sentinel/service-kit";
import type { ConsumeOptions, Message, PublishAck, PublishOptions, ReadOptions, StreamConfig } from "../bus.ts";
import { filtersOverlap, subjectFilter } from "../subject-filter.ts";
import { DuplicateWindow } from "./duplicate-window.ts";
import { MessageLog } from "./message-log.ts";
import { Pulse } from "./pulse.ts";
import { WorkQueue } from "./work-queue.ts";

/** As on NATS when the configuration does not say. */
const DUPLICATE_WINDOW_MS = 120_000;
/** Memory is finite: a stream without a limit of its own has this one. */
const MAX_BYTES = 64 * 1024 * 1024;

/** One stream in memory. Limits are applied when it is touched, so an idle stream costs nothing. */
export class EmbeddedStream {
  readonly epoch: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #messages = new MessageLog();
  readonly #pulse = new Pulse();
  readonly #duplicates: DuplicateWindow;
  readonly #queues = new Map<string, WorkQueue>();
  /** For "latest": which sequence is the last of a subject. */
  readonly #latest = new Map<string, number>();
  #config: StreamConfig;
  #takes: readonly ((subject: string) => boolean)[];

  constructor(config: StreamConfig, epoch: string, clock: Clock, log: Log) {
    this.epoch = epoch;
    this.#clock = clock;
    this.#log = log;
    this.#config = config;
    this.#takes = config.subjects.map(subjectFilter);
    this.#duplicates = new DuplicateWindow(config.duplicateWindowMs ?? DUPLICATE_WINDOW_MS);
  }

  get config(): StreamConfig {
    return this.#config;
  }

  configure(config: StreamConfig): void {
    this.#refuseUnless("retention", config.retention, this.#config.retention);
    this.#config = config;
    this.#takes = config.subjects.map(subjectFilter);
    this.#duplicates.windowMs = config.duplicateWindowMs ?? DUPLICATE_WINDOW_MS;
  }

  takes(subject: string): boolean {
    return this.#takes.some((take) => take(subject));
  }

  publish(subject: string, data: Uint8Array, options: PublishOptions): PublishAck {
    const nowMs = this.#clock.monotonic();
    const { epoch } = this;
    const stream = this.#config.name;
    const stored = options.id === undefined ? undefined : this.#duplicates.find(options.id, nowMs);
    if (stored !== undefined) return { stream, epoch, seq: stored, duplicate: true };
    const seq = this.#messages.lastSeq + 1;
    // The bytes are taken now: the caller may use its buffer again.
    this.#messages.append(
      { stream, epoch, seq, subject, data: Buffer.from(data), headers: options.headers ?? {} },
      nowMs,
    );
    if (options.id !== undefined) this.#duplicates.add(options.id, seq, nowMs);
    if (this.#config.retention === "latest") this.#replace(subject, seq);
    this.#evict(nowMs);
    this.#pulse.beat();
    return { stream, epoch, seq, duplicate: false };
  }

  async *read({ afterSeq, epoch = this.epoch, filter, signal }: ReadOptions): AsyncGenerator<Message, void, undefined> {
    if (this.#config.retention === "work") this.#refuseUnless("retention", "log", "work");
    const wanted = subjectFilter(filter ?? ">");
    let last = epoch === this.epoch ? Math.min(afterSeq, this.#messages.lastSeq) : 0;
    while (!signal.aborted) {
      this.#evict(this.#clock.monotonic());
      const message = this.#messages.after(last);
      if (message === undefined) {
        await this.#pulse.next(signal);
        continue;
      }
      last = message.seq;
      if (wanted(message.subject)) yield message;
    }
  }

  /** The queue of this consumer name; its state stays when nobody consumes. */
  queue(options: ConsumeOptions): WorkQueue {
    this.#refuseUnless("retention", "work", this.#config.retention);
    for (const [name, other] of this.#queues) {
      if (name === options.name || !filtersOverlap(other.filter, options.filter)) continue;
      const setting = `filter of consumer ${options.name}`;
      const got = `overlapping ${other.filter} of consumer ${name}`;
      throw new SentinelError("bus_stream_mismatch", {
        stream: this.#config.name,
        setting,
        wanted: options.filter,
        got,
      });
    }
    let queue = this.#queues.get(options.name);
    if (queue === undefined) {
      queue = new WorkQueue(this.#messages, this.#pulse, this.#clock, this.#log);
      this.#queues.set(options.name, queue);
    }
    queue.configure(options);
    return queue;
  }

  state(): { epoch: string; firstSeq: number; lastSeq: number } {
    this.#evict(this.#clock.monotonic());
    return { epoch: this.epoch, firstSeq: this.#messages.firstSeq, lastSeq: this.#messages.lastSeq };
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close();
    this.#pulse.beat();
  }

  #replace(subject: string, seq: number): void {
    const before = this.#latest.get(subject);
    if (before !== undefined) this.#messages.remove(before);
    this.#latest.set(subject, seq);
  }

  #evict(nowMs: number): void {
    const { maxBytes = MAX_BYTES, maxAgeMs = Number.POSITIVE_INFINITY } = this.#config;
    for (let first = this.#messages.first(); first !== undefined; first = this.#messages.first()) {
      if (this.#messages.bytes <= maxBytes && nowMs - first.atMs < maxAgeMs) return;
      this.#messages.remove(first.message.seq);
    }
  }

  #refuseUnless(setting: string, wanted: string, got: string): void {
    if (wanted === got) return;
    throw new SentinelError("bus_stream_mismatch", { stream: this.#config.name, setting, wanted, got });
  }
}
