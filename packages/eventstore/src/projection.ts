import { SentinelError } from "@sentinel/contracts/errors";
import type { ParkedStream, PartitionLag, ProjectionKey, ProjectionTables } from "./projection-tables.ts";
import type { EventContent, EventStore } from "./store.ts";
import type { AppendHints } from "./subscribe.ts";
import type { Transactions } from "./transactions.ts";

/** How a read model is made from the log. */
export interface ProjectionDefinition<Tx> {
  readonly name: string;
  /** Generation of its read model, from 1: raise it when `apply` or the table means something else than before. */
  readonly version: number;
  /**
   * Applies events of one partition or of several, each partition's in order, to the rows of this version. What it throws
   * takes the transaction back; then the events come one by one, and the stream of the one that fails is parked.
   */
  apply(tx: Tx, events: readonly EventContent[]): Promise<void>;
  /** Deletes the rows of an older version, which nobody reads any more. */
  drop(tx: Tx, version: number): Promise<void>;
}

/** Told of what happens, after its commit. */
export interface ProjectionObserver {
  /** Its cursors are there and it begins to follow the log, or begins again after trouble. */
  onStarted?(): void;
  onApplied?(events: number): void;
  onSkipped?(events: number): void;
  /** A stream's projection stopped: somebody should look. */
  onParked?(parked: ParkedStream): void;
  onUnparked?(stream: string): void;
  /** The version readers use from now on. */
  onServing?(version: number): void;
  /** Database or log cannot be used now; it is tried again until the end. */
  onTrouble?(error: unknown): void;
  /** Everything in the log was applied or passed over a moment ago. */
  onCaughtUp?(): void;
}

interface ProjectionClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface ProjectionSource<Tx> {
  readonly store: EventStore<Tx>;
  readonly database: Transactions<Tx>;
  readonly tables: ProjectionTables<Tx>;
  readonly hints: AppendHints;
  readonly clock: ProjectionClock;
}

export interface ProjectionOptions {
  readonly observer?: ProjectionObserver;
  /** Events of a partition per transaction at most; 2,000 unless told. */
  readonly batchSize?: number;
  /** How long a hint is waited for before the log itself is asked; 5,000 unless told. */
  readonly pollMs?: number;
}

interface Run<Tx> extends ProjectionSource<Tx> {
  readonly definition: ProjectionDefinition<Tx>;
  readonly key: ProjectionKey;
  readonly observer: ProjectionObserver;
  readonly batchSize: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;

/**
 * Keeps a read model up to date until the signal ends: each event takes effect once and in its stream's order, in the
 * transaction that moves the cursor. A version that is not served yet is made from the beginning beside the one that
 * is, takes its place when it has caught up, and the old one is dropped. Streams parked earlier are tried once more at
 * the start. Several runners of one projection take turns.
 * @returns "superseded" when a newer version serves: this one has nothing to do any more.
 */
export async function runProjection<Tx>(
  source: ProjectionSource<Tx>,
  definition: ProjectionDefinition<Tx>,
  signal: AbortSignal,
  { observer = {}, batchSize = 2000, pollMs = 5000 }: ProjectionOptions = {},
): Promise<"ended" | "superseded"> {
  const key = keyOf(definition);
  const run: Run<Tx> = { ...source, definition, key, observer, batchSize, pollMs, signal };
  for (let waitMs = RETRY_FIRST_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      return await follow(run, () => (waitMs = RETRY_FIRST_MS));
    } catch (error) {
      if (signal.aborted) break;
      observer.onTrouble?.(error);
      await source.clock.sleep(waitMs, signal);
    }
  }
  return "ended";
}

const keyOf = <Tx>({ name, version }: ProjectionDefinition<Tx>): ProjectionKey => ({ name, generation: version });

async function follow<Tx>(run: Run<Tx>, onProgress: () => void): Promise<"ended" | "superseded"> {
  const { database, tables, key, signal } = run;
  let serving = await database.transaction((tx) => tables.begin(tx, key));
  if (serving > key.generation) return "superseded";
  await dropOlder(run, serving);
  await retryParked(run);
  run.observer.onStarted?.();
  while (!signal.aborted) {
    // Asked for before reading: an append between reading and waiting must not be slept through.
    const waiting = new AbortController();
    const woken = wakeUp(run, AbortSignal.any([signal, waiting.signal]));
    try {
      const behind = await database.transaction((tx) => tables.behind(tx, key));
      if (behind === undefined) return "superseded";
      if (!(await catchUpAll(run, behind))) return "superseded";
      onProgress();
      if (behind.length > 0) continue;
      if (serving < key.generation) {
        await serve(run);
        serving = key.generation;
      }
      run.observer.onCaughtUp?.();
      await woken;
    } finally {
      waiting.abort();
    }
  }
  return "ended";
}

function wakeUp<Tx>({ hints, clock, pollMs }: Run<Tx>, signal: AbortSignal): Promise<void> {
  return Promise.race([hints.next("any", Number.POSITIVE_INFINITY, signal), clock.sleep(pollMs, signal)]);
}

async function serve<Tx>(run: Run<Tx>): Promise<void> {
  const { database, tables, key, observer } = run;
  const switched = await database.transaction((tx) => tables.serve(tx, key));
  if (!switched) return;
  observer.onServing?.(key.generation);
  await dropOlder(run, key.generation);
}

/** A generation that does not serve and is older than the one that does has no readers and never will. */
async function dropOlder<Tx>({ database, tables, definition, key }: Run<Tx>, serving: number): Promise<void> {
  await database.transaction(async (tx) => {
    for (const generation of await tables.generations(tx, key.name)) {
      if (generation >= serving) continue;
      // Cursors first: who applies to this generation has ended then, and finds nothing to go on from.
      await tables.forget(tx, { name: key.name, generation });
      await definition.drop(tx, generation);
    }
  });
}

/** Lanes where much is to be done: while one's rows are written, the other's events are applied. */
const LANES_WHEN_FAR = 2;
/** Partitions in one transaction then: rows to which events of several add are written once for all of them. */
const TOGETHER_WHEN_FAR = 8;
const FAR_BEHIND_BATCHES = 5;

/** To the ends of these partitions; false when the generation is no more. The first failure ends all. */
async function catchUpAll<Tx>(run: Run<Tx>, behind: readonly PartitionLag[]): Promise<boolean> {
  const failed = new AbortController();
  const signal = AbortSignal.any([run.signal, failed.signal]);
  const far = behind.reduce((sum, { events }) => sum + events, 0) > FAR_BEHIND_BATCHES * run.batchSize;
  const parts = behind.map(({ part }) => part);
  const waiting = far ? groupsOf(parts, TOGETHER_WHEN_FAR) : groupsOf(parts, 1);
  let there = true;
  const lane = async (): Promise<void> => {
    try {
      for (let group = waiting.shift(); group !== undefined && there; group = waiting.shift()) {
        if (!(await catchUp({ ...run, signal }, group))) there = false;
      }
    } catch (error) {
      failed.abort();
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: far ? LANES_WHEN_FAR : 1 }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return there;
}

function groupsOf(parts: readonly number[], size: number): (readonly number[])[] {
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, index) =>
    parts.slice(index * size, (index + 1) * size),
  );
}

/** To the ends of these partitions; false when the generation is no more. */
async function catchUp<Tx>(run: Run<Tx>, parts: readonly number[]): Promise<boolean> {
  for (let more = true; more && !run.signal.aborted;) {
    const passed = await passOrPark(run, parts);
    if (passed === undefined) return false;
    more = passed;
  }
  return true;
}

/** Whether there may be more; undefined when the generation is no more. */
async function passOrPark<Tx>(run: Run<Tx>, parts: readonly number[]): Promise<boolean | undefined> {
  const together = await pass(run, parts, run.batchSize);
  if (typeof together !== "object") return together;
  if (parts.length === 1) return await passOneByOne(run, parts);
  let more = false;
  for (const part of parts) {
    const passed = await passOrPark(run, [part]);
    if (passed === undefined) return undefined;
    more ||= passed;
  }
  return more;
}

async function passOneByOne<Tx>(run: Run<Tx>, parts: readonly number[]): Promise<boolean | undefined> {
  for (let passed = 0; passed < run.batchSize; passed += 1) {
    const one = await pass(run, parts, 1);
    if (typeof one === "object") await park(run, one);
    else if (one !== true) return one;
  }
  return true;
}

/** Why events could not be applied, and the first of them. */
interface ApplyFailure {
  readonly event: EventContent;
  readonly error: unknown;
}

/**
 * One batch of each of these partitions, which ascend, in one transaction: whether there may be more, undefined when the
 * generation is no more; the failure when it is the events' fault.
 */
async function pass<Tx>(
  run: Run<Tx>,
  parts: readonly number[],
  limit: number,
): Promise<boolean | undefined | ApplyFailure> {
  const { database, tables, definition, key, observer } = run;
  let failing: EventContent | undefined;
  try {
    const done = await database.transaction(async (tx) => {
      const pages = await lockAndRead(run, tx, parts, limit);
      if (pages === undefined) return undefined;
      const events = pages.flat();
      const { due, skipped } = await withoutParked(run, tx, events);
      failing = due[0];
      if (due.length > 0) await definition.apply(tx, due);
      failing = undefined;
      const ends = pages.flatMap((page) => page.at(-1) ?? []);
      await Promise.all(ends.map(({ part, gpos }) => tables.advance(tx, key, part, gpos)));
      return { applied: due.length, skipped, more: pages.some(({ length }) => length === limit) };
    });
    if (done === undefined) return undefined;
    if (done.applied > 0) observer.onApplied?.(done.applied);
    if (done.skipped > 0) observer.onSkipped?.(done.skipped);
    return done.more;
  } catch (error) {
    if (failing === undefined || isTransient(error)) throw error;
    return { event: failing, error };
  }
}

/** A page of each partition after its cursor; undefined when the generation is no more. */
async function lockAndRead<Tx>(
  { tables, store, key }: Run<Tx>,
  tx: Tx,
  parts: readonly number[],
  limit: number,
): Promise<readonly (readonly EventContent[])[] | undefined> {
  // Sent together and run one after the other: the locks are taken in order.
  const cursors = await Promise.all(parts.map((part) => tables.lockCursor(tx, key, part)));
  const known = cursors.flatMap((cursor) => cursor ?? []);
  if (known.length < parts.length) return undefined;
  return await Promise.all(parts.map((part, index) => store.readContent(tx, part, known[index] ?? 0, limit)));
}

async function withoutParked<Tx>(
  { tables, key }: Run<Tx>,
  tx: Tx,
  events: readonly EventContent[],
): Promise<{ readonly due: readonly EventContent[]; readonly skipped: number }> {
  if (events.length === 0) return { due: [], skipped: 0 };
  const streams = [...new Set(events.map(({ stream }) => stream))];
  const parked = new Set((await tables.parkedAmong(tx, key, streams)).map(({ stream }) => stream));
  if (parked.size === 0) return { due: events, skipped: 0 };
  const counts = new Map<string, number>();
  for (const { stream } of events) if (parked.has(stream)) counts.set(stream, (counts.get(stream) ?? 0) + 1);
  await tables.skip(tx, key, counts);
  const due = events.filter(({ stream }) => !parked.has(stream));
  return { due, skipped: events.length - due.length };
}

async function park<Tx>(run: Run<Tx>, { event, error }: ApplyFailure): Promise<void> {
  const { database, tables, key, clock, observer } = run;
  const { stream, part, gpos, version } = event;
  const parked: ParkedStream = { stream, part, gpos, version, reason: reasonOf(error), atMs: clock.now(), skipped: 0 };
  const mine = await database.transaction(async (tx) => {
    // Another runner may have dealt with the event meanwhile.
    if ((await tables.lockCursor(tx, key, part)) !== gpos - 1) return false;
    await tables.park(tx, key, parked);
    await tables.advance(tx, key, part, gpos);
    return true;
  });
  if (mine) observer.onParked?.(parked);
}

async function retryParked<Tx>(run: Run<Tx>): Promise<void> {
  const parked = await run.database.transaction((tx) => run.tables.parked(tx, run.key));
  for (const { stream } of parked) {
    if (run.signal.aborted) return;
    await unpark(run, run.definition, stream, run.observer);
  }
}

/**
 * Applies what a parked stream has waiting and lets it go on, all or nothing. False when the stream was not parked, or
 * stays so because an event failed again: then with the new reason.
 * @throws SentinelError `database_*`
 */
export async function unpark<Tx>(
  source: Pick<ProjectionSource<Tx>, "store" | "database" | "tables" | "clock">,
  definition: ProjectionDefinition<Tx>,
  stream: string,
  observer: ProjectionObserver = {},
): Promise<boolean> {
  const { store, database, tables, clock } = source;
  const key = keyOf(definition);
  let failing: ParkedStream | undefined;
  try {
    const healed = await database.transaction(async (tx) => {
      const [found] = await tables.parkedAmong(tx, key, [stream]);
      const cursor = found === undefined ? undefined : await tables.lockCursor(tx, key, found.part);
      // Once more under the lock, which whoever parks, counts or heals holds.
      const [parked] = await tables.parkedAmong(tx, key, [stream]);
      if (parked === undefined || cursor === undefined) return false;
      failing = parked;
      const waiting = (await store.read(tx, stream, parked.version)).filter(({ gpos }) => gpos <= cursor);
      await definition.apply(tx, waiting);
      await tables.unpark(tx, key, stream);
      return true;
    });
    if (healed) observer.onUnparked?.(stream);
    return healed;
  } catch (error) {
    if (failing === undefined || isTransient(error)) throw error;
    const again = { ...failing, reason: reasonOf(error), atMs: clock.now() };
    await database.transaction(async (tx) => {
      await tables.lockCursor(tx, key, again.part);
      const [still] = await tables.parkedAmong(tx, key, [stream]);
      if (still !== undefined) await tables.park(tx, key, { ...again, skipped: still.skipped });
    });
    return false;
  }
}

/** Not the event's fault: the same would work later. */
function isTransient(error: unknown): boolean {
  return error instanceof SentinelError && /^(database_|disk_full$|transaction_over$)/.test(error.code);
}

const REASON_CHARACTERS = 500;

function reasonOf(error: unknown): string {
  const said = error instanceof SentinelError ? error.code : String(error);
  // PostgreSQL keeps no zero characters.
  return said.replaceAll("\0", "\uFFFD").slice(0, REASON_CHARACTERS);
}
