import type { ConsumeOptions, PublishOptions, StreamConfig } from "@sentinel/messaging";

export interface StoredMessage {
  readonly seq: number;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly atMs: number;
}

type Options = { readonly [K in keyof PublishOptions]?: PublishOptions[K] | undefined };

/** A stream as the disk of the broker holds it. */
export class BrokerStream {
  readonly name: string;
  readonly epoch: string;
  readonly #config: StreamConfig;
  readonly #takes: readonly ((subject: string) => boolean)[];
  #messages: StoredMessage[] = [];
  #ids = new Map<string, { readonly seq: number; readonly atMs: number }>();
  #queues = new Map<string, BrokerQueue>();
  #lastSeq = 0;
  #truncated = false;

  constructor(config: StreamConfig, epoch: string) {
    this.name = config.name;
    this.epoch = epoch;
    this.#config = config;
    this.#takes = config.subjects.map((subject) => BrokerStream.filter(subject));
  }

  /** Only the forms that the services use: a whole subject, or a prefix and `>`. */
  static filter(filter: string): (subject: string) => boolean {
    const open = filter.endsWith(">");
    const prefix = open ? filter.slice(0, -1) : filter;
    return open ? (subject) => subject.startsWith(prefix) : (subject) => subject === filter;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Numbers were given twice in this life, so an old cursor may say what is not true until the fold has noticed. */
  get truncated(): boolean {
    return this.#truncated;
  }

  get messages(): readonly StoredMessage[] {
    return this.#messages;
  }

  takes(subject: string): boolean {
    return this.#takes.some((take) => take(subject));
  }

  store(subject: string, data: Uint8Array, options: Options, nowMs: number): { seq: number; duplicate: boolean } {
    this.#evict(nowMs);
    const { id, headers = {} } = options;
    const known = id === undefined ? undefined : this.#ids.get(id);
    if (known !== undefined && nowMs - known.atMs < (this.#config.duplicateWindowMs ?? 120_000)) {
      return { seq: known.seq, duplicate: true };
    }
    const seq = this.#lastSeq + 1;
    this.#lastSeq = seq;
    if (this.#config.retention === "latest") this.#messages = this.#messages.filter((each) => each.subject !== subject);
    this.#messages.push({ seq, subject, data: Uint8Array.from(data), headers, atMs: nowMs });
    if (id !== undefined) this.#ids.set(id, { seq, atMs: nowMs });
    return { seq, duplicate: false };
  }

  /** The first message after this one; what is too old at `nowMs` is gone by then. */
  after(seq: number, nowMs?: number): StoredMessage | undefined {
    if (nowMs !== undefined) this.#evict(nowMs);
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle]?.seq ?? 0) > seq) high = middle;
      else low = middle + 1;
    }
    return this.#messages[low];
  }

  state(nowMs: number): { epoch: string; firstSeq: number; lastSeq: number } {
    this.#evict(nowMs);
    const firstSeq = this.#messages[0]?.seq ?? this.#lastSeq + 1;
    return { epoch: this.epoch, firstSeq, lastSeq: this.#lastSeq };
  }

  /** Takes away this share of the messages, the newest first, and what was remembered of them. */
  truncate(share: number): void {
    const length = Math.ceil(this.#messages.length * (1 - share));
    const kept = this.#messages.slice(0, length);
    if (kept.length === this.#messages.length) return;
    this.#messages = kept;
    this.#truncated = true;
    this.#lastSeq = kept.at(-1)?.seq ?? 0;
    this.#ids = new Map([...this.#ids].filter(([, { seq }]) => seq <= this.#lastSeq));
    // What the consumers had said of messages may be lost as well: they come again.
    this.#queues = new Map();
  }

  queue(options: ConsumeOptions): BrokerQueue {
    const queue = this.#queues.get(options.name) ?? new BrokerQueue(options, this);
    this.#queues.set(options.name, queue);
    return queue;
  }

  remove(message: StoredMessage): void {
    const index = this.#messages.indexOf(message);
    if (index >= 0) this.#messages.splice(index, 1);
  }

  #evict(nowMs: number): void {
    const beforeMs = nowMs - (this.#config.maxAgeMs ?? Number.POSITIVE_INFINITY);
    while ((this.#messages[0]?.atMs ?? Number.POSITIVE_INFINITY) < beforeMs) this.#messages.shift();
    for (const [id, { atMs }] of this.#ids) {
      if (nowMs - atMs < (this.#config.duplicateWindowMs ?? 120_000)) return;
      this.#ids.delete(id);
    }
  }
}

/** What the consumers of one name share. */
class BrokerQueue {
  readonly #options: ConsumeOptions;
  readonly #stream: BrokerStream;
  readonly #wanted: (subject: string) => boolean;
  /** By message: when it comes again, and how often it was given. */
  readonly #given = new Map<StoredMessage, { dueMs: number; deliveries: number }>();

  constructor(options: ConsumeOptions, stream: BrokerStream) {
    this.#options = options;
    this.#stream = stream;
    this.#wanted = BrokerStream.filter(options.filter);
  }

  take(nowMs: number): { readonly message: StoredMessage; readonly deliveries: number } | undefined {
    for (const message of this.#stream.messages) {
      if (!this.#wanted(message.subject)) continue;
      const given = this.#given.get(message);
      if (given !== undefined && given.dueMs > nowMs) continue;
      const deliveries = (given?.deliveries ?? 0) + 1;
      if (deliveries > this.#options.maxDeliveries) {
        this.end(message);
        return this.take(nowMs);
      }
      this.#given.set(message, { dueMs: nowMs + this.#options.ackWaitMs, deliveries });
      return { message, deliveries };
    }
    return undefined;
  }

  nextDueMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#given.values()].map((each) => each.dueMs));
  }

  end(message: StoredMessage): void {
    this.#given.delete(message);
    this.#stream.remove(message);
  }

  again(message: StoredMessage, dueMs: number): void {
    const given = this.#given.get(message);
    if (given !== undefined) given.dueMs = dueMs;
  }
}
