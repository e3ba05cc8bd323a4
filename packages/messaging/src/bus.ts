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
  /** Resolves when the bus knows, or could not be told: then the message comes again. */
  ack(): Promise<void>;
  retry(delayMs: number): Promise<void>;
  /** Never again; the reason goes to the log. */
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
  /** Messages after this sequence; 0 means from the first kept, one beyond the last means those to come. */
  readonly afterSeq: number;
  /** The epoch that `afterSeq` belongs to: if the stream has another one by now, reading begins at the first kept. */
  readonly epoch?: string;
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
  /**
   * Resolves when the bus has stored the message. Errors: `bus_unavailable` after a deadline, and then it is unknown
   * whether it was stored: publish again with the same id. `bus_subject_invalid`, `bus_subject_unknown`,
   * `bus_message_too_large`, `bus_closed`. An epoch in the answer may be older than the truth, never newer.
   */
  publish(subject: string, data: Uint8Array, options?: PublishOptions): Promise<PublishAck>;
  /**
   * In order, without acknowledgement; ends with the signal or with `close`. A gap shows in the sequences. It outlives
   * a broker that restarts: with the stream still there it goes on after the last message it gave. If the stream was
   * made anew meanwhile it goes on with the new one's first message, and positions carry the new epoch; if the stream
   * is the same but shorter than what was read, because the broker lost its tail, all that is kept comes again, so
   * sequences go back. Errors, at the first step only: `bus_stream_missing`, `bus_stream_mismatch` for a queue.
   */
  read(stream: string, options: ReadOptions): AsyncIterable<Message>;
  /**
   * One message at a time to each loop; its `ackWaitMs` begins when it is handed over. Loops of one name share the
   * messages, names with overlapping filters are refused. Errors, at the first step only: `bus_stream_missing`,
   * `bus_stream_mismatch` for a stream that is no queue.
   */
  consume(options: ConsumeOptions): AsyncIterable<WorkMessage>;
  state(stream: string): Promise<{ readonly epoch: string; readonly firstSeq: number; readonly lastSeq: number }>;
  /** True while publishing can be expected to work. */
  connected(): boolean;
  /**
   * Calls the listener each time the bus can be used again after it could not, however short that was; returns the way
   * to stop it. A broker that was away may have lost its newest messages.
   */
  onBack(listener: () => void): () => void;
  close(): Promise<void>;
}
