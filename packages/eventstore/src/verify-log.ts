import { PARTITIONS } from "@sentinel/contracts";
import { CHAIN_START, verifyChain } from "./chain.ts";
import { errorCode } from "./error-code.ts";
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

export interface VerifyOptions {
  /** Events read at once; 2,000 unless told. Memory grows with it, not with the log. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal;
}

const PAGE_SIZE = 2000;

/**
 * Verifies chain, gaps and heads of every partition, page by page, also while others append. It stops at the first
 * damage.
 */
export async function verifyLog<Tx>(
  store: EventStore<Tx>,
  database: Transactions<Tx>,
  { pageSize = PAGE_SIZE, signal }: VerifyOptions = {},
): Promise<LogVerification> {
  let events = 0;
  for (let part = 0; part < PARTITIONS; part += 1) {
    const source: PartitionSource = {
      part,
      head: () => database.transaction((tx) => store.head(tx, part)),
      page: (afterGpos, limit) => database.transaction((tx) => store.readAll(tx, part, afterGpos, limit)),
    };
    const verified = await verifyPartition(source, pageSize, signal);
    events += verified.events;
    if (verified.damage !== undefined) return { events, damage: verified.damage };
  }
  return { events, damage: undefined };
}

interface Position {
  readonly gpos: number;
  readonly hash: Uint8Array;
}

interface PartitionSource {
  readonly part: number;
  readonly head: () => Promise<Position>;
  readonly page: (afterGpos: number, limit: number) => Promise<readonly StoredEvent[]>;
}

const START: Position = { gpos: 0, hash: CHAIN_START };

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
  let last = START;
  let next = readable(source.page(0, pageSize));
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
  last: Position,
  before: Position | undefined,
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
  before: Position | undefined,
  after: Position | undefined,
  last: Position,
  part: number,
): LogDamage | undefined {
  const damage = (gpos: number): LogDamage => ({ part, gpos, stream: "", problem: "head" });
  if (before === undefined || after === undefined) return damage(last.gpos);
  if (before.gpos > last.gpos) return damage(last.gpos + 1);
  if (after.gpos < last.gpos) return damage(after.gpos + 1);
  if (after.gpos === last.gpos && Buffer.compare(after.hash, last.hash) !== 0) return damage(last.gpos);
  return undefined;
}
