/** One read model made from the log, in one form: another form of it is another generation. */
export interface ProjectionKey {
  readonly name: string;
  /** From 1. */
  readonly generation: number;
}

/** A stream that a projection has stopped following. */
export interface ParkedStream {
  readonly stream: string;
  readonly part: number;
  /** The event that could not be applied: its place in the partition and in the stream. */
  readonly gpos: number;
  readonly version: number;
  readonly reason: string;
  readonly atMs: number;
  /** Later events of the stream that were passed over. */
  readonly skipped: number;
}

export interface PartitionLag {
  readonly part: number;
  readonly events: number;
}

/** Where projections stand. Kept beside the read models, so that both change in one transaction. */
export interface ProjectionTables<Tx> {
  /** The generation that readers use, 0 before there is one; it stays until the transaction ends. */
  serving(tx: Tx, name: string): Promise<number>;
  /** Makes the cursors of a generation, all at 0, unless it has some or a newer one serves. Gives the serving one. */
  begin(tx: Tx, key: ProjectionKey): Promise<number>;
  /** The last position applied, locked until the transaction ends; undefined when the generation is no more. */
  lockCursor(tx: Tx, key: ProjectionKey, part: number): Promise<number | undefined>;
  advance(tx: Tx, key: ProjectionKey, part: number, gpos: number): Promise<void>;
  /** Partitions with events after the cursor, and how many; undefined when the generation is no more. */
  behind(tx: Tx, key: ProjectionKey): Promise<readonly PartitionLag[] | undefined>;
  /** Waits for readers of the serving generation and lets this one serve; false when one as new or newer does. */
  serve(tx: Tx, key: ProjectionKey): Promise<boolean>;
  /** Every generation that has cursors. */
  generations(tx: Tx, name: string): Promise<readonly number[]>;
  /** Deletes cursors and parked streams of a generation; whoever applies to it has finished first. */
  forget(tx: Tx, key: ProjectionKey): Promise<void>;
  parked(tx: Tx, key: ProjectionKey): Promise<readonly ParkedStream[]>;
  /** Of these streams those that are parked. */
  parkedAmong(tx: Tx, key: ProjectionKey, streams: readonly string[]): Promise<readonly ParkedStream[]>;
  /** Parks a stream, or says anew why it is. */
  park(tx: Tx, key: ProjectionKey, parked: ParkedStream): Promise<void>;
  /** Counts events that were passed over, by stream. */
  skip(tx: Tx, key: ProjectionKey, counts: ReadonlyMap<string, number>): Promise<void>;
  unpark(tx: Tx, key: ProjectionKey, stream: string): Promise<void>;
}
