import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus, ConsumeOptions, Message, PublishAck, PublishOptions, ReadOptions } from "@sentinel/messaging";
import type { StreamConfig, WorkMessage } from "@sentinel/messaging";
import type { VirtualClock } from "@sentinel/testkit";
import { BrokerStream } from "./broker-stream.ts";
import type { Dice } from "./dice.ts";
import { Signalled } from "./signalled.ts";
import type { SimProcess } from "./sim-process.ts";

/** How often the broker misbehaves towards a publisher; each from 0 to 1. */
export interface BrokerFaults {
  /** Says no, having stored nothing. */
  refuse: number;
  /** Stores it and does not say so. */
  loseAck: number;
  /** Stores it twice. */
  duplicate: number;
  /** Takes up to this long, each way. */
  delayMs: number;
}

const PUBLISH_DEADLINE_MS = 5000;
const DELETED_TAIL = 0.5;

/** A broker that is one for all processes, and loses what a broker may lose. */
export class Broker {
  readonly faults: BrokerFaults = { refuse: 0, loseAck: 0, duplicate: 0, delayMs: 3 };
  /** Ids of the messages it ever took, by stream. */
  readonly taken = new Map<string, Set<string>>();
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #configs = new Map<string, StreamConfig>();
  readonly #streams = new Map<string, BrokerStream>();
  /** By stream: something came, or the broker came or went. */
  readonly #changes = new Map<string, Signalled>();
  /** The broker came or went. */
  readonly #changed = new Signalled();
  readonly #back = new Set<() => void>();
  #up = true;
  #life = 0;

  constructor(clock: VirtualClock, dice: Dice) {
    this.#clock = clock;
    this.#dice = dice;
  }

  get up(): boolean {
    return this.#up;
  }

  down(): void {
    this.#up = false;
    this.#life += 1;
    this.#wakeAll();
  }

  start(): void {
    this.#up = true;
    this.#wakeAll();
    for (const tell of this.#back) tell();
  }

  #wakeAll(): void {
    this.#changed.beat();
    for (const changes of this.#changes.values()) changes.beat();
  }

  #changesOf(stream: string): Signalled {
    const known = this.#changes.get(stream);
    if (known !== undefined) return known;
    const changes = new Signalled();
    this.#changes.set(stream, changes);
    return changes;
  }

  /** As after a power cut: what was not synced yet is gone, and the streams are the same ones. */
  loseTail(): void {
    for (const stream of this.#streams.values()) stream.truncate(this.#dice.next() * DELETED_TAIL);
  }

  /** As with an empty disk: the streams are made again and remember nothing. */
  forgetEverything(): void {
    this.#life += 1;
    this.#streams.clear();
    for (const config of this.#configs.values()) this.#make(config);
  }

  find(name: string): BrokerStream | undefined {
    return this.#streams.get(name);
  }

  stream(name: string): BrokerStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new SentinelError("bus_stream_missing", { stream: name });
    return stream;
  }

  /** The bus as one process sees it. */
  connect(process: SimProcess): Bus {
    const link = { life: this.#life, readyAtMs: 0 };
    return {
      ensureStream: (config) => process.effect(() => this.#ensure(config)),
      publish: (subject, data, options = {}) => process.effect(() => this.#publish(subject, data, options)),
      read: (stream, options) => process.each(this.#read(stream, options, process.crashed)),
      consume: (options) => process.each(this.#consume(options, process)),
      state: (name) =>
        process.effect(async () => {
          await this.#online(process.crashed);
          return this.stream(name).state(this.#clock.monotonic());
        }),
      connected: () => this.#connected(link),
      onBack: (listener) => {
        const tell = (): void => void this.#tellBack(process, link, listener);
        this.#back.add(tell);
        return () => void this.#back.delete(tell);
      },
      close: () => Promise.resolve(),
    };
  }

  /** A client notices after a while that the broker is back. */
  #connected(link: { life: number; readyAtMs: number }): boolean {
    if (!this.#up) return false;
    if (link.life !== this.#life) {
      link.life = this.#life;
      link.readyAtMs = this.#clock.monotonic() + this.#dice.between(1, 500);
    }
    return this.#clock.monotonic() >= link.readyAtMs;
  }

  async #tellBack(process: SimProcess, link: { life: number; readyAtMs: number }, listener: () => void): Promise<void> {
    const life = this.#life;
    this.#connected(link);
    await process.effect(() => this.#clock.sleep(link.readyAtMs - this.#clock.monotonic()));
    if (this.#up && life === this.#life) listener();
  }

  async #ensure(config: StreamConfig): Promise<void> {
    await this.#clock.sleep(1);
    await this.#online(new AbortController().signal);
    this.#configs.set(config.name, config);
    if (!this.#streams.has(config.name)) this.#make(config);
  }

  #make(config: StreamConfig): void {
    // Epochs are instants of creation, as on NATS.
    const epoch = `${String(Math.round(this.#clock.monotonic())).padStart(12, "0")}-${this.#dice.between(0, 1e6)}`;
    this.#streams.set(config.name, new BrokerStream(config, epoch));
    this.#wakeAll();
  }

  async #publish(subject: string, data: Uint8Array, options: PublishOptions): Promise<PublishAck> {
    const untilMs = this.#clock.monotonic() + PUBLISH_DEADLINE_MS;
    const fail = async (): Promise<never> => {
      await this.#clock.sleep(untilMs - this.#clock.monotonic());
      throw new SentinelError("bus_unavailable", { servers: "simulated" });
    };
    await this.#clock.sleep(this.#dice.next() * this.faults.delayMs);
    if (!this.#up || this.#dice.chance(this.faults.refuse)) return await fail();
    const stream = [...this.#streams.values()].find((each) => each.takes(subject));
    if (stream === undefined) throw new SentinelError("bus_subject_unknown", { subject });
    const nowMs = this.#clock.monotonic();
    const { seq, duplicate } = stream.store(subject, data, options, nowMs);
    if (this.#dice.chance(this.faults.duplicate)) stream.store(subject, data, { ...options, id: undefined }, nowMs);
    const taken = this.taken.get(stream.name) ?? new Set<string>();
    this.taken.set(stream.name, taken.add(options.id ?? ""));
    this.#changesOf(stream.name).beat();
    if (this.#dice.chance(this.faults.loseAck)) return await fail();
    await this.#clock.sleep(this.#dice.next() * this.faults.delayMs);
    if (!this.#up) return await fail();
    return { stream: stream.name, epoch: stream.epoch, seq, duplicate };
  }

  async #online(signal: AbortSignal): Promise<void> {
    while (!this.#up && !signal.aborted) await this.#changed.next(signal);
  }

  async *#read(name: string, options: ReadOptions, crashed: AbortSignal): AsyncGenerator<Message, void, undefined> {
    const signal = AbortSignal.any([options.signal, crashed]);
    await this.#online(signal);
    if (signal.aborted) return;
    let { epoch } = this.stream(name);
    let life = this.#life;
    let at = options.epoch === undefined || options.epoch === epoch ? options.afterSeq : 0;
    at = Math.min(at, this.stream(name).lastSeq);
    const wanted = BrokerStream.filter(options.filter ?? ">");
    while (!signal.aborted) {
      if (life !== this.#life) {
        await this.#online(signal);
        // Each reader comes back at its own moment.
        await this.#clock.sleep(this.#dice.between(1, 500), signal);
        if (!this.#up) continue;
        life = this.#life;
        const stream = this.stream(name);
        if (stream.epoch !== epoch || stream.lastSeq < at) at = 0;
        ({ epoch } = stream);
        continue;
      }
      const message = this.#up ? this.stream(name).after(at, this.#clock.monotonic()) : undefined;
      if (message === undefined) {
        await this.#changesOf(name).next(signal);
        continue;
      }
      at = message.seq;
      if (wanted(message.subject)) yield { ...message, stream: name, epoch };
    }
  }

  async *#consume(options: ConsumeOptions, process: SimProcess): AsyncGenerator<WorkMessage, void, undefined> {
    const signal = AbortSignal.any([options.signal, process.crashed]);
    await this.#online(signal);
    while (!signal.aborted) {
      const nowMs = this.#clock.monotonic();
      const queue = this.stream(options.stream).queue(options);
      const taken = this.#up ? queue.take(nowMs) : undefined;
      if (taken === undefined) {
        await this.#changedOr(options.stream, queue.nextDueMs() - nowMs, signal);
        continue;
      }
      const answer = (give: () => void): Promise<void> =>
        process.effect(async () => {
          await this.#clock.sleep(1);
          if (this.#up) give();
          this.#changesOf(options.stream).beat();
        });
      yield {
        ...taken.message,
        stream: options.stream,
        epoch: this.stream(options.stream).epoch,
        deliveries: taken.deliveries,
        ack: () => answer(() => queue.end(taken.message)),
        retry: (delayMs) => answer(() => queue.again(taken.message, this.#clock.monotonic() + delayMs)),
        park: () => answer(() => queue.end(taken.message)),
      };
    }
  }

  /** Until something changes, or a message has waited long enough to come again. */
  async #changedOr(stream: string, ms: number, signal: AbortSignal): Promise<void> {
    const changed = this.#changesOf(stream).next(signal);
    if (!Number.isFinite(ms)) return await changed;
    const done = new AbortController();
    await Promise.race([changed, this.#clock.sleep(Math.max(1, ms), done.signal)]);
    done.abort(stream);
  }
}
