/** An event to append. `payload` is protobuf; `metadata` carries trace context, actor and causation. */
export interface NewEvent {
  /** Unique for ever: appending the same id with the same content returns the first result. */
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly payload: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
  readonly atMs: number;
}

export interface StoredEvent extends NewEvent {
  readonly part: number;
  /** Place in the partition's gapless order, from 1. */
  readonly gpos: number;
  readonly stream: string;
  /** Place in the stream, from 1. */
  readonly version: number;
  /** SHA-256 over the previous event's hash in the partition and this row. */
  readonly hash: Uint8Array;
}

/** What a stored event says and where it stands, without what names and proves it. */
export type EventContent = Omit<StoredEvent, "id" | "metadata" | "hash">;

/** What the stream must look like: that exact version, no stream, some stream, or no matter. */
export type Expected = number | "none" | "exists" | "any";

export interface StreamAppend {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly NewEvent[];
}

export interface AppendResult {
  readonly stream: string;
  /** Version of the stream after the append. */
  readonly version: number;
  readonly events: readonly StoredEvent[];
  /** True when all events were there already, with the same content. */
  readonly repeated: boolean;
}

/**
 * The event log. `Tx` is the adapter's transaction: an append inside one becomes visible with it, or not at all.
 * Errors: `version_conflict` {stream, expected, actual}, `event_id_reused` {eventId}.
 */
export interface EventStore<Tx> {
  /** All or nothing. Head rows are taken first, in partition order, so concurrent appends cannot deadlock. */
  append(tx: Tx, appends: readonly StreamAppend[]): Promise<readonly AppendResult[]>;
  /** Events of one stream in version order. */
  read(tx: Tx, stream: string, fromVersion?: number): Promise<readonly StoredEvent[]>;
  /** Events of a partition after `afterGpos`, in order, at most `limit`. */
  readAll(tx: Tx, part: number, afterGpos: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The same events as `readAll` for less: without id, metadata and hash. */
  readContent(tx: Tx, part: number, afterGpos: number, limit: number): Promise<readonly EventContent[]>;
  head(tx: Tx, part: number): Promise<{ readonly gpos: number; readonly hash: Uint8Array }>;
}

/** Commands in, events out; both pure. A refusal is thrown as SentinelError by `decide`. */
export interface Decider<Command, Event, State> {
  readonly initial: State;
  readonly decide: (command: Command, state: State) => readonly Event[];
  readonly evolve: (state: State, event: Event) => State;
}
