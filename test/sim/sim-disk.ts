import { CheckResult } from "@sentinel/contracts";
import { type LastSlots, NO_SLOTS, type Spool, type Spooled, toSpooled, withResult } from "@sentinel/prober";
import type { VirtualClock } from "@sentinel/testkit";
import type { Dice } from "./dice.ts";
import type { SimProcess } from "./sim-process.ts";

export interface DiskFaults {
  full: boolean;
  /** A sync takes up to this long. */
  syncMs: number;
}

/** Released results whose segment may still be there at the next start. */
const GHOSTS = 200;

/** The disk of a prober: what was synced outlives it, what was not may. */
export class SimDisk {
  readonly faults: DiskFaults = { full: false, syncMs: 5 };
  /** Told of each result that leaves the spool, by its id. */
  onReleased: (id: string) => void = () => undefined;
  /** Results that the prober was told are safe, by monitor and slot. */
  readonly acknowledged = new Map<string, CheckResult>();
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #kept = new Map<string, Uint8Array>();
  readonly #ghosts = new Map<string, Uint8Array>();
  readonly #slots = new Map<string, LastSlots>();
  /** When a prober was started on it, and of which monitors it told something then. */
  readonly #starts: { readonly atMs: number; readonly known: ReadonlySet<string> }[] = [];

  constructor(clock: VirtualClock, dice: Dice) {
    this.#clock = clock;
    this.#dice = dice;
  }

  /** Ids of the results it holds for the fold. */
  get kept(): ReadonlyMap<string, Uint8Array> {
    return this.#kept;
  }

  /** When a prober last began that found no word of this monitor here: nothing tells it what passed before. */
  blindUntilMs(monitorId: string): number {
    return this.#starts.findLast(({ known }) => !known.has(monitorId))?.atMs ?? 0;
  }

  open(process: SimProcess): Spool {
    this.#starts.push({ atMs: this.#clock.now(), known: new Set(this.#slots.keys()) });
    // Segments go as a whole: what was released may come back.
    if (this.#dice.chance(0.5)) for (const [id, bytes] of this.#ghosts) this.#kept.set(id, bytes);
    this.#ghosts.clear();
    const entries = new Map<string, Spooled>();
    for (const [id, bytes] of this.#kept) entries.set(id, toSpooled(CheckResult.decode(bytes), bytes, 0));
    return {
      left: [...entries.values()],
      lastSlots: new Map(this.#slots),
      append: (result) => process.effect(() => this.#append(process, result, entries)),
      release: (released) =>
        process.effect(async () => {
          for (const { id } of released) {
            entries.delete(id);
            this.#release(id);
          }
        }),
      size: () => entries.size,
      close: async () => undefined,
    };
  }

  async #append(process: SimProcess, result: CheckResult, entries: Map<string, Spooled>): Promise<Spooled> {
    const bytes = CheckResult.encode(result).finish();
    const entry = toSpooled(result, bytes, 0);
    await this.#clock.sleep(this.#dice.next() * this.faults.syncMs);
    if (this.faults.full) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    if (!process.alive && this.#dice.chance(0.5)) throw new Error("never synced");
    entries.set(entry.id, entry);
    this.#ghosts.delete(entry.id);
    this.#kept.set(entry.id, bytes);
    this.#slots.set(result.monitorId, withResult(this.#slots.get(result.monitorId) ?? NO_SLOTS, result));
    if (process.alive) this.acknowledged.set(entry.id, result);
    return entry;
  }

  #release(id: string): void {
    const bytes = this.#kept.get(id);
    if (bytes === undefined) return;
    this.#kept.delete(id);
    this.onReleased(id);
    this.#ghosts.set(id, bytes);
    const [oldest] = this.#ghosts.keys();
    if (this.#ghosts.size > GHOSTS && oldest !== undefined) this.#ghosts.delete(oldest);
  }
}
