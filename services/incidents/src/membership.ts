import type { ServiceKit } from "@sentinel/service-kit";
import { partitionsOf } from "./rendezvous.ts";
import type { FoldStore, Partition, Standing } from "./store/port.ts";

/** A process that was killed is followed within 10 s: this, and a look of those who live. */
const TTL_MS = 9000;
const BEAT_MS = 2000;
/** With others there, this often is looked, without locking anything, whether something is free or to be given up. */
const LOOK_MS = 250;
const LOOK_ALONE_MS = 1000;
const UNREACHED_MS = 1000;
/** Who was cut off from the store with us, and lives, beats again within this. */
const RETURN_MS = 3000;

/** Partitions that this process owns, for as long as it is these. */
interface Share {
  readonly partitions: readonly Partition[];
  /** Lease epochs by partition. */
  readonly epochs: ReadonlyMap<number, number>;
  /** Ends when some are to be given up, are lost, or more can be had. */
  readonly signal: AbortSignal;
  readonly lose: () => void;
}

/** A span of time in which this process is a member, either leading or not. */
export interface Tenure {
  readonly leads: boolean;
  /** Ends when this process is cut off, stops, or begins or ceases to lead. */
  readonly signal: AbortSignal;
  readonly lose: () => void;
  /** One share after the other; what is to be given up is free when the next one is asked for. */
  shares(): AsyncIterable<Share>;
}

export interface Membership {
  /** Undefined when `stopping` comes first. `exclusive` takes everything at once, for the only process on its data. */
  join(exclusive: boolean, stopping: AbortSignal): Promise<Tenure | undefined>;
  /** Gives everything up at once, so that the others need not wait for leases to run out. */
  leave(): Promise<void>;
}

/**
 * Members share the partitions by rendezvous, without a coordinator: each gives up what is another's and takes its own
 * when it is free. The store's own clock decides who lives and which lease has run out.
 */
export function createMembership(kit: ServiceKit, store: FoldStore, owner: string): Membership {
  let beating = { sinceMs: Number.NEGATIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };
  const beat = async (force: boolean): Promise<Standing> => {
    const nowMs = kit.clock.monotonic();
    const sinceMs = nowMs - beating.lastMs > TTL_MS / 2 ? nowMs : beating.sinceMs;
    const standing = await store.transaction(async (tx) => {
      await tx.members.beat(owner, TTL_MS, force);
      await tx.partitions.hold(owner, TTL_MS, force, force ? undefined : []);
      const seen = await tx.members.standing();
      // Whoever claimed messages and is gone has begun what nobody else will end.
      if (force || nowMs - sinceMs >= RETURN_MS) await tx.outbox.abandonOthers(seen.members);
      return seen;
    });
    beating = { sinceMs, lastMs: nowMs };
    return standing;
  };
  return {
    join: async (exclusive, stopping) => {
      while (!stopping.aborted) {
        try {
          const standing = await beat(exclusive);
          const tenure = new MemberTenure({ kit, store, owner, beat: () => beat(false) }, standing, stopping);
          void tenure.keep();
          return tenure;
        } catch (error) {
          kit.log.warn("incidents.not_joined", { error });
        }
        await kit.clock.sleep(UNREACHED_MS, stopping);
      }
      return undefined;
    },
    leave: () =>
      store.transaction(async (tx) => {
        await tx.members.leave(owner);
        await tx.partitions.release(owner);
      }),
  };
}

interface TenureDeps {
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  readonly owner: string;
  readonly beat: () => Promise<Standing>;
}

class MemberTenure implements Tenure {
  readonly leads: boolean;
  readonly signal: AbortSignal;
  readonly #deps: TenureDeps;
  readonly #controller = new AbortController();
  #standing: Standing;
  #share: Share | undefined;
  #own: { readonly members: string; readonly partitions: ReadonlySet<number> } | undefined;

  constructor(deps: TenureDeps, standing: Standing, stopping: AbortSignal) {
    this.#deps = deps;
    this.#standing = standing;
    this.leads = standing.lead === deps.owner;
    this.signal = this.#controller.signal;
    if (stopping.aborted) this.lose();
    else stopping.addEventListener("abort", this.lose, { once: true });
  }

  readonly lose = (): void => this.#controller.abort();

  /** Renews and looks around until the tenure ends. */
  async keep(): Promise<void> {
    const { kit, beat } = this.#deps;
    let beatAtMs = kit.clock.monotonic();
    while (!this.signal.aborted) {
      await kit.clock.sleep(this.#isAlone() ? LOOK_ALONE_MS : LOOK_MS, this.signal);
      if (this.signal.aborted) return;
      try {
        const startedAtMs = kit.clock.monotonic();
        if (startedAtMs - beatAtMs < BEAT_MS) this.#standing = await this.#look();
        if (startedAtMs - beatAtMs >= BEAT_MS || this.#standing.lead === "") {
          this.#standing = await beat();
          beatAtMs = startedAtMs;
        }
        if ((this.#standing.lead === this.#deps.owner) !== this.leads) this.lose();
        else if (this.#share !== undefined && this.#isOutdated(this.#share)) this.#share.lose();
      } catch (error) {
        if (!this.signal.aborted) kit.log.warn("incidents.lease_not_renewed", { error });
      }
      // The database fences us out in any case; waiting longer would only fold in vain.
      if (kit.clock.monotonic() - beatAtMs > TTL_MS) this.lose();
    }
  }

  async *shares(): AsyncGenerator<Share> {
    const { kit, owner } = this.#deps;
    while (!this.signal.aborted) {
      try {
        const partitions = await this.#settle();
        this.#share = shareOf(partitions, this.signal);
        kit.log.info("incidents.share", { owner, partitions: partitions.length, leads: this.leads });
      } catch (error) {
        if (!this.signal.aborted) kit.log.warn("incidents.lease_not_taken", { error });
        await kit.clock.sleep(UNREACHED_MS, this.signal);
        continue;
      }
      yield this.#share;
      this.#share = undefined;
    }
  }

  /** Gives up what is another's and takes what is its own and free. */
  async #settle(): Promise<readonly Partition[]> {
    const { store, owner } = this.#deps;
    return await store.transaction(async (tx) => {
      const wanted = partitionsOf(owner, (await tx.members.standing()).members);
      await tx.partitions.release(owner, wanted);
      return await tx.partitions.hold(owner, TTL_MS, false, wanted);
    });
  }

  #look(): Promise<Standing> {
    return this.#deps.store.transaction((tx) => tx.members.standing());
  }

  #isAlone(): boolean {
    return this.#standing.members.every((member) => member === this.#deps.owner);
  }

  /** Worked out when members come or go, and not with each look. */
  #ownAmong(members: readonly string[]): ReadonlySet<number> {
    const key = members.join(" ");
    if (this.#own?.members !== key) {
      this.#own = { members: key, partitions: new Set(partitionsOf(this.#deps.owner, members)) };
    }
    return this.#own.partitions;
  }

  #isOutdated({ epochs }: Share): boolean {
    const { members, owners } = this.#standing;
    const { owner } = this.#deps;
    const wanted = this.#ownAmong(members);
    return owners.some((holder, part) => {
      const had = epochs.has(part);
      if (had) return holder !== owner || !wanted.has(part);
      return wanted.has(part) && (holder === "" || holder === owner);
    });
  }
}

function shareOf(partitions: readonly Partition[], ending: AbortSignal): Share {
  const controller = new AbortController();
  const lose = (): void => {
    ending.removeEventListener("abort", lose);
    controller.abort();
  };
  if (ending.aborted) lose();
  else ending.addEventListener("abort", lose, { once: true });
  const epochs = new Map(partitions.map(({ part, epoch }) => [part, epoch]));
  return { partitions, epochs, signal: controller.signal, lose };
}
