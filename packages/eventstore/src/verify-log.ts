import { PARTITIONS } from "@sentinel/contracts";
import { CHAIN_START, verifyChain } from "./chain.ts";
import { errorCode } from "./error-code.ts";
import type { Head } from "./plan-append.ts";
import type { EventStore, StoredEvent } from "./store.ts";
import type { Transactions } from "./transactions.ts";

/** The first place where the log is not what was appended. */
export interface LogDamage {
  readonly part: number;
  readonly gpos: number;
  /** Of the event found there; empty where none is. */
  readonly stream: string;
  /**
   * A position is missing, an event was altered, the partition's head disagrees with its events, or the database holds
   * something there that it cannot give.
   */
  readonly problem: "gap" | "hash" | "head" | "unreadable";
}

export interface LogVerification {
  readonly events: number;
  /** Of the lowest damaged partition; undefined when the whole log is sound. */
  readonly damage: LogDamage | undefined;
}

export interface VerifyOptions<Tx> {
  /** Events read at once; 2,000 unless told. Memory grows with it, not with the log. */
  readonly pageSize?: number;
  /**
   * A faster way to see that a page is sound, such as the database's own. Where it gives nothing, the events are read
   * from there on: so damage is always named by what was read.
   */
  readonly prove?: ProvePage<Tx>;
  /** Partitions verified at once; one unless told. */
  readonly lanes?: number;
  readonly signal?: AbortSignal;
}

/**
 * The end of at most `limit` events after a position, and how many they are, when all of them follow with true hashes,
 * the one at the position of `named` included; else undefined.
 */
export type ProvePage<Tx> = (
  tx: Tx,
  part: number,
  after: Head,
  limit: number,
  named: Head,
) => Promise<{ readonly end: Head; readonly events: number } | undefined>;

const PAGE_SIZE = 2000;
const PROVEN_PAGE_SIZE = 5000;

/**
 * Verifies chain, gaps and heads of every partition, page by page, also while others append. It stops at the first
 * damage.
 */
export async function verifyLog<Tx>(
  store: EventStore<Tx>,
  database: Transactions<Tx>,
  { pageSize = PAGE_SIZE, prove, lanes = 1, signal }: VerifyOptions<Tx> = {},
): Promise<LogVerification> {
  const verified: LogVerification[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < PARTITIONS && verified.every(({ damage }) => damage === undefined)) {
      const part = next;
      next += 1;
      verified.push(await verifyPartition(sourceOf(store, database, part, prove), pageSize, signal));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const damages = verified.flatMap(({ damage }) => damage ?? []).sort((a, b) => a.part - b.part);
  return { events: verified.reduce((sum, { events }) => sum + events, 0), damage: damages[0] };
}

function sourceOf<Tx>(
  store: EventStore<Tx>,
  database: Transactions<Tx>,
  part: number,
  prove: ProvePage<Tx> | undefined,
): PartitionSource {
  return {
    part,
    head: () => database.transaction((tx) => store.head(tx, part)),
    page: (afterGpos, limit) => database.transaction((tx) => store.readAll(tx, part, afterGpos, limit)),
    prove: async (after, named) =>
      prove && (await database.transaction((tx) => prove(tx, part, after, PROVEN_PAGE_SIZE, named))),
  };
}

interface PartitionSource {
  readonly part: number;
  readonly head: () => Promise<Head>;
  readonly page: (afterGpos: number, limit: number) => Promise<readonly StoredEvent[]>;
  readonly prove: (after: Head, named: Head) => Promise<{ readonly end: Head; readonly events: number } | undefined>;
}

const START: Head = { gpos: 0, hash: CHAIN_START };

/**
 * The head is read before the events and after them: what the first names must be there, and nothing may stand beyond
 * the second, whoever appends in between.
 */
async function verifyPartition(
  source: PartitionSource,
  pageSize: number,
  signal: AbortSignal | undefined,
): Promise<LogVerification> {
  const { part } = source;
  const before = await readable(source.head());
  let last = before === undefined ? START : await provenEnd(source, before, signal);
  let next = readable(source.page(last.gpos, pageSize));
  for (;;) {
    signal?.throwIfAborted();
    const page = await next;
    const events = page ?? (await readableOnes(source, last.gpos, pageSize));
    const full = events.length === pageSize;
    // Asked for before this page is hashed, so that the database and we work at the same time.
    if (full) next = readable(source.page(events.at(-1)?.gpos ?? last.gpos, pageSize));
    const damage = damageIn(events, last, before, part);
    if (damage !== undefined) {
      await next;
      return { events: damage.gpos - 1, damage };
    }
    last = events.at(-1) ?? last;
    if (page === undefined) {
      return { events: last.gpos, damage: { part, gpos: last.gpos + 1, stream: "", problem: "unreadable" } };
    }
    if (!full) break;
  }
  return { events: last.gpos, damage: headDamage(before, await readable(source.head()), last, part) };
}

/** How far everything is sound by the faster way; the rest, if only to see that there is none, is read. */
async function provenEnd(source: PartitionSource, named: Head, signal: AbortSignal | undefined): Promise<Head> {
  let last = START;
  for (;;) {
    signal?.throwIfAborted();
    const proven = await readable(source.prove(last, named));
    if (proven === undefined || proven.events === 0) return last;
    last = proven.end;
    if (proven.events < PROVEN_PAGE_SIZE) return last;
  }
}

/** Undefined when the database cannot give it: a number too large to be one of ours, a broken page, broken text. */
async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (thrown) {
    if (/^(integer_too_large|XX...|22...)$/.test(errorCode(thrown))) return undefined;
    throw thrown;
  }
}

/** The events of a page before the first one that cannot be read. */
async function readableOnes({ page }: PartitionSource, afterGpos: number, limit: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  while (events.length < limit - 1) {
    const [event] = (await readable(page(events.at(-1)?.gpos ?? afterGpos, 1))) ?? [];
    if (event === undefined) break;
    events.push(event);
  }
  return events;
}

function damageIn(
  events: readonly StoredEvent[],
  last: Head,
  before: Head | undefined,
  part: number,
): LogDamage | undefined {
  const broken = verifyChain(events, last.hash, last.gpos);
  if (broken !== undefined) {
    const stream = events.find(({ gpos }) => gpos === broken.gpos)?.stream ?? "";
    return { part, gpos: broken.gpos, stream, problem: broken.problem };
  }
  const named = events.find(({ gpos }) => gpos === before?.gpos);
  if (named === undefined || before === undefined || Buffer.compare(named.hash, before.hash) === 0) return undefined;
  return { part, gpos: named.gpos, stream: named.stream, problem: "head" };
}

function headDamage(
  before: Head | undefined,
  after: Head | undefined,
  last: Head,
  part: number,
): LogDamage | undefined {
  const damage = (gpos: number): LogDamage => ({ part, gpos, stream: "", problem: "head" });
  if (before === undefined || after === undefined) return damage(last.gpos);
  if (before.gpos > last.gpos) return damage(last.gpos + 1);
  if (after.gpos < last.gpos) return damage(after.gpos + 1);
  if (after.gpos === last.gpos && Buffer.compare(after.hash, last.hash) !== 0) return damage(last.gpos);
  return undefined;
}
