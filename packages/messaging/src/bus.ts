/** Where a message was stored. Sequences of different epochs do not compare: the stream was made anew in between. */
export interface Position {
  readonly stream: string;
  /** Identity of this life of the stream: its creation instant on NATS, a random id on the embedded bus. */
  readonly epoch: string;
  readonly seq: number;
}

export interface PublishOptions {
  /** Publishing the same id again within the duplicate window stores nothing new. */
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PublishAck extends Position {
  readonly duplicate: boolean;
}

export interface Message extends Position {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A message of a work queue: exactly one of ack, retry or park ends it; silence brings it again. */
export interface WorkMessage extends Message {
  /** 1 for the first delivery. */
  readonly deliveries: number;
  ack(): Promise<void>;
  retry(delayMs: number): Promise<void>;
  /** Never again; the reason goes to the log of the server. */
  park(reason: string): Promise<void>;
}

export interface StreamConfig {
  readonly name: string;
  readonly subjects: readonly string[];
  /** "log" keeps by age and size; "work" drops a message when it is acknowledged; "latest" keeps the last per subject. */
  readonly retention: "log" | "work" | "latest";
  readonly maxAgeMs?: number;
  readonly maxBytes?: number;
  readonly duplicateWindowMs?: number;
}

export interface ReadOptions {
  /** Messages after this sequence of the current epoch; 0 means from the first kept. */
  readonly afterSeq: number;
  readonly filter?: string;
  readonly signal: AbortSignal;
}

export interface ConsumeOptions {
  readonly stream: string;
  /** Durable name: consumers of one name share the messages. */
  readonly name: string;
  readonly filter: string;
  readonly ackWaitMs: number;
  readonly maxDeliveries: number;
  readonly signal: AbortSignal;
}

/**
 * The way between services. Both adapters keep one promise: an acknowledged message is delivered at least once, in
 * order per stream, unless the broker forgot it, and that shows in `epoch` or in `state`. It may forget; PostgreSQL is the truth.
 */
export interface Bus {
  /** Makes the stream or brings it to this configuration, reads it back, and fails with `bus_stream_mismatch` when the server dropped a setting. */
  ensureStream(config: StreamConfig): Promise<void>;
  publish(subject: string, data: Uint8Array, options?: PublishOptions): Promise<PublishAck>;
  /** In order, without acknowledgement; ends with the signal. A gap or a new epoch shows in the positions. */
  read(stream: string, options: ReadOptions): AsyncIterable<Message>;
  consume(options: ConsumeOptions): AsyncIterable<WorkMessage>;
  state(stream: string): Promise<{ readonly epoch: string; readonly firstSeq: number; readonly lastSeq: number }>;
  /** True while publishing can be expected to work. */
  connected(): boolean;
  close(): Promise<void>;
}
