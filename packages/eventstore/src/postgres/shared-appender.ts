import { SentinelError } from "@sentinel/contracts/errors";
import postgres from "postgres";
import { checkEvent } from "../check-event.ts";
import { type AppendOutcome, partitionsOf } from "../plan-append.ts";
import type { AppendResult, StreamAppend } from "../store.ts";
import { appendAtOnce, appendCommitted, appendEach } from "./append.ts";
import type { Database } from "./database.ts";

/** Appends whose callers wait for the same commit. */
export interface SharedAppender {
  /**
   * All or nothing, and committed when it resolves. Calls to the same stream take effect in the order they were made.
   * @throws SentinelError `version_conflict`, `event_id_reused`, `event_malformed`, `database_*`, `disk_full`
   */
  append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]>;
}

export interface SharedAppenderOptions {
  /** Events of one shared transaction at most, at least 64; 1,000 unless told. */
  readonly maxEvents?: number;
  /** Shared transactions under way at once; 2 unless told. No two have a partition in common. */
  readonly flights?: number;
}

/** From here on the cost of the commit is not all that counts: a few share it, and another connection works beside. */
const LARGE_EVENTS = 64;
const LARGE_BYTES = 256 * 1024;
/** Of large calls that leave together; what is larger leaves alone. */
const CONVOY_EVENTS = 400;
/** Of payload, in one shared transaction. */
const MAX_BYTES = 4 * 2 ** 20;

interface Call {
  readonly appends: readonly StreamAppend[];
  readonly parts: readonly number[];
  readonly events: number;
  readonly bytes: number;
  /** Leaves beside the flights, alone or with few others. */
  readonly large: boolean;
  readonly resolve: (results: readonly AppendResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers calls that wait while others are committed into one transaction, so that many callers share the cost of a
 * commit. Each has the outcome that it would have had alone: a conflict, a repeat or a reused id concerns nobody else.
 * When the transaction itself fails, so do all of its calls; whether it was committed is then as unknown as with one.
 */
export function createSharedAppender(
  database: Database,
  { maxEvents = 1000, flights = 2 }: SharedAppenderOptions = {},
): SharedAppender {
  let waiting: Call[] = [];
  const busy = new Set<number>();
  let flying = 0;
  let planned = false;

  /** After this turn, so that callers that were answered together can call again and leave together. */
  function planDeparture(): void {
    if (planned) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      let shared: readonly Call[];
      do shared = depart();
      while (shared.length > 0);
    });
  }

  /**
   * Who can leave now, the longest waiting first: large calls in convoys, others together, who are returned. Who shares a
   * partition with a transaction under way, or with one who must wait, waits too, which keeps their order.
   */
  function depart(): readonly Call[] {
    const taken = new Set(busy);
    const together = new Set<number>();
    const shared: Call[] = [];
    const large: Call[] = [];
    const room = { events: flying < flights ? maxEvents : 0, bytes: MAX_BYTES };
    waiting = waiting.filter((call) => {
      const free = call.parts.every((part) => !taken.has(part) && !(call.large && together.has(part)));
      const leaves = free && (call.large || (call.events <= room.events && call.bytes <= room.bytes));
      if (leaves && !call.large) {
        shared.push(call);
        room.events -= call.events;
        room.bytes -= call.bytes;
        for (const part of call.parts) together.add(part);
        return false;
      }
      for (const part of call.parts) taken.add(part);
      if (leaves) large.push(call);
      return !leaves;
    });
    for (const convoy of convoysOf(large)) void fly(convoy);
    if (shared.length > 0) void flyShared(shared);
    return shared;
  }

  async function flyShared(calls: readonly Call[]): Promise<void> {
    flying += 1;
    try {
      await fly(calls);
    } finally {
      flying -= 1;
      planDeparture();
    }
  }

  async function fly(calls: readonly Call[]): Promise<void> {
    const parts = new Set(calls.flatMap((call) => call.parts));
    for (const part of parts) busy.add(part);
    try {
      const outcomes = await commitTogether(
        database,
        calls.map(({ appends }) => appends),
      );
      for (const [index, call] of calls.entries()) settle(call, outcomes[index]);
    } catch (error) {
      for (const { reject } of calls) reject(error);
    } finally {
      for (const part of parts) busy.delete(part);
      planDeparture();
    }
  }

  return {
    append: async (appends) => {
      if (appends.length === 0) return [];
      for (const { stream, events } of appends) for (const event of events) checkEvent(stream, event);
      return await new Promise<readonly AppendResult[]>((resolve, reject) => {
        waiting.push({ appends, parts: partitionsOf(appends), ...sizeOf(appends), resolve, reject });
        planDeparture();
      });
    },
  };
}

function sizeOf(appends: readonly StreamAppend[]): Pick<Call, "events" | "bytes" | "large"> {
  let [events, bytes] = [0, 0];
  for (const append of appends) {
    events += append.events.length;
    for (const { payload } of append.events) bytes += payload.byteLength;
  }
  return { events, bytes, large: events >= LARGE_EVENTS || bytes >= LARGE_BYTES };
}

/** No two of these calls have a partition in common. */
function convoysOf(calls: readonly Call[]): readonly (readonly Call[])[] {
  const convoys: Call[][] = [];
  const room = { events: 0, bytes: 0 };
  for (const call of calls) {
    const convoy = convoys.at(-1);
    const joins = convoy !== undefined && call.events <= room.events && call.bytes <= room.bytes;
    if (joins) convoy.push(call);
    else {
      convoys.push([call]);
      [room.events, room.bytes] = [CONVOY_EVENTS, LARGE_BYTES];
    }
    room.events -= call.events;
    room.bytes -= call.bytes;
  }
  return convoys;
}

function settle({ resolve, reject }: Call, outcome: Outcome | undefined): void {
  if (outcome === undefined) reject(new SentinelError("internal"));
  else if ("results" in outcome) resolve(outcome.results);
  else reject(outcome.refusal);
}

type Outcome = AppendOutcome | { readonly refusal: unknown };
type Calls = readonly (readonly StreamAppend[])[];

async function commitTogether(database: Database, calls: Calls): Promise<readonly Outcome[]> {
  if (calls.length === 1) return await oneByOne(database, calls);
  try {
    const plain = await appendAtOnce(database, calls.flat());
    if (plain !== undefined) return dealt(calls, plain);
    return await database.transaction((tx) => appendEach(tx, calls));
  } catch (error) {
    if (!concernsOne(error)) throw error;
    return await oneByOne(database, calls);
  }
}

/** Each call's share of the results, which are in the order of all the appends. */
function dealt(calls: Calls, results: readonly AppendResult[]): readonly Outcome[] {
  let at = 0;
  return calls.map(({ length }) => ({ results: results.slice(at, (at += length)) }));
}

/** Refused by the server because of what one of the calls holds, and taken back for all of them. */
function concernsOne(error: unknown): boolean {
  if (error instanceof SentinelError) return error.code === "event_id_reused";
  return error instanceof postgres.PostgresError;
}

async function oneByOne(database: Database, calls: Calls): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const appends of calls) {
    try {
      outcomes.push({ results: await appendCommitted(database, appends) });
    } catch (refusal) {
      outcomes.push({ refusal });
    }
  }
  return outcomes;
}
