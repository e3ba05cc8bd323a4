import type { CheckResult } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { MemoryDatabase } from "@sentinel/eventstore/memory";
import { createMemoryFoldStore, type FoldStore } from "@sentinel/incidents";
import type { VirtualClock } from "@sentinel/testkit";
import type { Dice } from "./dice.ts";
import type { SimProcess } from "./sim-process.ts";

/** What one transaction may do. */
export type FoldTx = Parameters<Parameters<FoldStore["transaction"]>[0]>[0];

/** Where cursors stand when a transaction ends that moved them. */
export type CursorEnds = Parameters<FoldTx["partitions"]["advance"]>[0];

/** How often the database misbehaves; each from 0 to 1. */
export interface StoreFaults {
  /** Not there: every connection is refused. */
  down: boolean;
  refuse: number;
  /** The connection goes before COMMIT arrives: nothing happened. */
  loseBefore: number;
  /** The connection goes before the answer to COMMIT arrives: it happened, and nobody says so. */
  loseAfter: number;
  /** Takes up to this long, before and after the statements. */
  delayMs: number;
}

/** A claim as the database granted it. */
export interface GrantedClaim {
  readonly incidentId: number;
  readonly attempt: number;
  readonly monitorId: string;
  readonly executor: string;
  /** On the clock that never jumps. */
  readonly atMs: number;
}

/** A check row as the database first took it. */
export type TakenRow = Pick<CheckResult, "monitorId" | "slotMs" | "verdict"> & {
  readonly result: CheckResult;
};

interface Notes {
  readonly granted: GrantedClaim[];
  readonly taken: CheckResult[];
  readonly ends: CursorEnds[number][];
}

/** As a database is when nothing ails it. */
export const CALM: StoreFaults = { down: false, refuse: 0, loseBefore: 0, loseAfter: 0, delayMs: 2 };

/** The database of the simulation: it outlives the processes and keeps what it committed. */
export class SimStore {
  readonly faults: StoreFaults = { ...CALM };
  readonly database = new MemoryDatabase();
  readonly claims: GrantedClaim[] = [];
  /** Check rows by monitor, region and slot, whatever became of them in the tables. */
  readonly rows = new Map<string, TakenRow>();
  /** Told of the cursors that a commit moved, when what it put in is in the books. */
  onAdvanced: (ends: CursorEnds) => void = () => undefined;
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #store: FoldStore;

  constructor(clock: VirtualClock, dice: Dice) {
    this.#clock = clock;
    this.#dice = dice;
    this.#store = createMemoryFoldStore(() => clock.monotonic(), this.database);
  }

  /** The store as one process sees it. */
  connect(process: SimProcess): FoldStore {
    return {
      ...this.#store,
      transaction: (fn) => process.effect(() => this.#transaction(process, fn)),
      project: (definition, options, observer) => {
        const signal = AbortSignal.any([options.signal, process.crashed]);
        return process.effect(() => this.#store.project(definition, { ...options, signal }, observer));
      },
    };
  }

  /** A look at what is committed, past all faults. */
  look<T>(fn: (tx: FoldTx) => Promise<T>): Promise<T> {
    return this.#store.transaction(fn);
  }

  async #transaction<T>(process: SimProcess, fn: (tx: FoldTx) => Promise<T>): Promise<T> {
    const { refuse, loseBefore, loseAfter, delayMs } = this.faults;
    // On a quiet day most are quick, as each wait costs a turn of the whole world.
    const quiet = delayMs <= CALM.delayMs;
    if (!quiet || this.#dice.chance(0.15)) await this.#clock.sleep(this.#dice.next() * delayMs);
    if (this.faults.down || this.#dice.chance(refuse)) throw unreachable();
    const lostBefore = this.#dice.chance(loseBefore);
    const lostAfter = this.#dice.chance(loseAfter);
    const slowCommit = this.#dice.chance(0.1);
    const notes: Notes = { granted: [], taken: [], ends: [] };
    const value = await this.#store.transaction(async (tx) => {
      const result = await process.orDeath(fn(this.#noting(tx, notes)), unreachable);
      // A crash, a pause or a lost connection in the middle finds the transaction open.
      if (slowCommit) await this.#clock.sleep(this.#dice.next() * delayMs);
      if (lostBefore || this.faults.down || !process.alive) throw unreachable();
      return result;
    });
    this.claims.push(...notes.granted);
    for (const row of notes.taken) this.rows.set(rowKey(row), { ...row, result: row });
    if (notes.ends.length > 0) this.onAdvanced(notes.ends);
    if (lostAfter) throw unreachable();
    if (!quiet || this.#dice.chance(0.15)) await this.#clock.sleep(this.#dice.next() * delayMs);
    return value;
  }

  /** Notes what the transaction is granted, what rows it puts in and what cursors it moves, for the books. */
  #noting(tx: FoldTx, { granted, taken, ends }: Notes): FoldTx {
    return {
      ...tx,
      claims: {
        ...tx.claims,
        claim: async (claim) => {
          const mine = await tx.claims.claim(claim);
          if (mine) granted.push({ ...claim, atMs: this.#clock.monotonic() });
          return mine;
        },
      },
      checks: {
        ...tx.checks,
        insert: async (rows, isNewer) => {
          const flags = await tx.checks.insert(rows, isNewer);
          taken.push(...rows.filter((_, index) => flags[index] === true));
          return flags;
        },
      },
      partitions: {
        ...tx.partitions,
        advance: async (moved) => {
          await tx.partitions.advance(moved);
          ends.push(...moved);
        },
      },
    };
  }
}

/** As the spool names a result. */
const rowKey = ({ monitorId, region, slotMs }: CheckResult): string => `${monitorId}:${region}:${slotMs}`;

const unreachable = (): SentinelError =>
  new SentinelError("database_unreachable", { host: "simulated", reason: "CONNECTION_CLOSED" });
