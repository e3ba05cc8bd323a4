import { partitionOf } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { chainHash, sortedMetadata } from "./chain.ts";
import { checkEvent } from "./check-event.ts";
import type { AppendResult, Expected, NewEvent, StoredEvent, StreamAppend } from "./store.ts";

/** The end of a partition: position and hash of its last event. */
export interface Head {
  readonly gpos: number;
  readonly hash: Uint8Array;
}

/** What an adapter knows while it holds the head rows of every partition concerned. */
export interface StoreFacts {
  readonly heads: ReadonlyMap<number, Head>;
  /** Version by stream; absent or 0 where there is none. */
  readonly versions: ReadonlyMap<string, number>;
  /** Stored events among the ids of this append. */
  readonly known: ReadonlyMap<string, StoredEvent>;
}

export interface AppendPlan {
  readonly results: readonly AppendResult[];
  /** In order of append; their positions are gapless per partition. */
  readonly rows: readonly StoredEvent[];
  /** New heads of the partitions that grew. */
  readonly heads: ReadonlyMap<number, Head>;
}

/** Partitions of these streams, ascending and once each: the order in which head rows are taken. */
export function partitionsOf(appends: readonly StreamAppend[]): number[] {
  return [...new Set(appends.map((append) => partitionOf(append.stream)))].sort((a, b) => a - b);
}

/**
 * The rules of append, pure and the same for every adapter.
 * @throws SentinelError `version_conflict` {stream, expected, actual}, `event_id_reused` {eventId},
 * `event_malformed` {eventId, field, problem}
 */
export function planAppend(appends: readonly StreamAppend[], facts: StoreFacts): AppendPlan {
  const heads = new Map(facts.heads);
  const grown = new Map<number, Head>();
  const versions = new Map(facts.versions);
  const ids = new Set<string>();
  const rows: StoredEvent[] = [];
  const results = appends.map((append) => {
    for (const event of append.events) takeId(ids, append.stream, event);
    const first = firstResult(append, facts.known);
    if (first !== undefined) return first;
    const before = versions.get(append.stream) ?? 0;
    checkExpected(append.stream, append.expected, before);
    const part = partitionOf(append.stream);
    const head = heads.get(part) ?? { gpos: 0, hash: new Uint8Array(32) };
    const stored = chainOn(head, part, append, before);
    const last = stored.at(-1);
    if (last !== undefined) {
      heads.set(part, { gpos: last.gpos, hash: last.hash });
      grown.set(part, { gpos: last.gpos, hash: last.hash });
      versions.set(append.stream, last.version);
      rows.push(...stored);
    }
    return { stream: append.stream, version: last?.version ?? before, events: stored, repeated: false };
  });
  return { results, rows, heads: grown };
}

/** What one of several calls came to. */
export type AppendOutcome = { readonly results: readonly AppendResult[] } | { readonly refusal: SentinelError };

/**
 * Several calls of append, each all or nothing for itself, with the outcomes they would have one after the other. The
 * facts are those of all of them.
 */
export function planEach(
  calls: readonly (readonly StreamAppend[])[],
  facts: StoreFacts,
): { readonly outcomes: readonly AppendOutcome[]; readonly rows: readonly StoredEvent[]; readonly heads: Heads } {
  const now = { heads: new Map(facts.heads), versions: new Map(facts.versions), known: new Map(facts.known) };
  const grown = new Map<number, Head>();
  const rows: StoredEvent[] = [];
  const outcomes = calls.map((appends): AppendOutcome => {
    try {
      const plan = planAppend(appends, factsOf(appends, now));
      for (const [part, head] of plan.heads) {
        now.heads.set(part, head);
        grown.set(part, head);
      }
      for (const row of plan.rows) {
        now.versions.set(row.stream, row.version);
        now.known.set(row.id, row);
        rows.push(row);
      }
      return { results: plan.results };
    } catch (thrown) {
      if (thrown instanceof SentinelError) return { refusal: thrown };
      throw thrown;
    }
  });
  return { outcomes, rows, heads: grown };
}

type Heads = ReadonlyMap<number, Head>;

/** Those of one call, as each call copies the facts it is given. */
function factsOf(appends: readonly StreamAppend[], { heads, versions, known }: StoreFacts): StoreFacts {
  const ids = appends.flatMap(({ events }) => events.map(({ id }) => id));
  return {
    heads: pick(heads, partitionsOf(appends)),
    versions: pick(
      versions,
      appends.map(({ stream }) => stream),
    ),
    known: pick(known, ids),
  };
}

function pick<K, V>(from: ReadonlyMap<K, V>, keys: readonly K[]): ReadonlyMap<K, V> {
  const picked = new Map<K, V>();
  for (const key of keys) {
    const value = from.get(key);
    if (value !== undefined) picked.set(key, value);
  }
  return picked;
}

function takeId(ids: Set<string>, stream: string, event: NewEvent): void {
  checkEvent(stream, event);
  if (ids.has(event.id)) throw new SentinelError("event_id_reused", { eventId: event.id });
  ids.add(event.id);
}

function checkExpected(stream: string, expected: Expected, actual: number): void {
  const met =
    expected === "any" ||
    (expected === "none" && actual === 0) ||
    (expected === "exists" && actual > 0) ||
    expected === actual;
  if (!met) {
    throw new SentinelError("version_conflict", { stream, expected: String(expected), actual: String(actual) });
  }
}

function chainOn(head: Head, part: number, append: StreamAppend, before: number): StoredEvent[] {
  let previous = head.hash;
  return append.events.map((event, index) => {
    const row = {
      id: event.id,
      type: event.type,
      schemaVersion: event.schemaVersion,
      payload: Uint8Array.from(event.payload),
      metadata: { ...event.metadata },
      atMs: event.atMs,
      part,
      gpos: head.gpos + index + 1,
      stream: append.stream,
      version: before + index + 1,
    };
    previous = chainHash(previous, row);
    return { ...row, hash: previous };
  });
}

/** What the first append of exactly these events gave; undefined when none of them is stored. */
function firstResult(append: StreamAppend, known: ReadonlyMap<string, StoredEvent>): AppendResult | undefined {
  if (!append.events.some((event) => known.has(event.id))) return undefined;
  const events: StoredEvent[] = [];
  for (const event of append.events) {
    const stored = known.get(event.id);
    const previous = events.at(-1);
    const follows = previous === undefined || stored?.version === previous.version + 1;
    if (stored === undefined || stored.stream !== append.stream || !follows || !sameContent(event, stored)) {
      throw new SentinelError("event_id_reused", { eventId: event.id });
    }
    events.push(stored);
  }
  return { stream: append.stream, version: events.at(-1)?.version ?? 0, events, repeated: true };
}

function sameContent(a: NewEvent, b: NewEvent): boolean {
  return (
    a.type === b.type &&
    a.schemaVersion === b.schemaVersion &&
    a.atMs === b.atMs &&
    Buffer.compare(a.payload, b.payload) === 0 &&
    JSON.stringify(sortedMetadata(a.metadata)) === JSON.stringify(sortedMetadata(b.metadata))
  );
}
