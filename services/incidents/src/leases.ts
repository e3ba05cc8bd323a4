import type { ServiceKit } from "@sentinel/service-kit";
import type { FoldStore } from "./store/port.ts";

/** A process that was killed is followed within 10 s: this, and a look of those who stand by. */
const TTL_MS = 9000;
const RENEW_MS = 3000;
/** Those who stand by look this often, without locking anything, whether there is something to take. */
const LOOK_MS = 250;
const UNREACHED_MS = 1000;

/** A span of time in which this process owns the partitions. */
export interface Tenure {
  /** Lease epochs by partition. */
  readonly epochs: ReadonlyMap<number, number>;
  /** Ends when the lease is lost, or given up. */
  readonly signal: AbortSignal;
  lose(): void;
}

/**
 * One process folds, the others stand by: the partitions are held together, for 10 s at a time. `exclusive` takes them
 * at once, for the only process on a data folder.
 */
export function createLeases(
  kit: ServiceKit,
  store: FoldStore,
  owner: string,
): {
  acquire(exclusive: boolean, signal: AbortSignal): Promise<Tenure | undefined>;
  release(): Promise<void>;
} {
  const hold = async (force: boolean): Promise<ReadonlyMap<number, number>> => {
    const held = await store.transaction((tx) => tx.partitions.hold(owner, TTL_MS, force));
    return new Map(held.map(({ part, epoch }) => [part, epoch]));
  };
  const renew = async (tenure: Tenure, stopping: AbortSignal): Promise<void> => {
    let lastMs = kit.clock.monotonic();
    while (!tenure.signal.aborted) {
      await kit.clock.sleep(RENEW_MS, tenure.signal);
      if (tenure.signal.aborted) return;
      try {
        const held = await hold(false);
        if (![...tenure.epochs].every(([part, epoch]) => held.get(part) === epoch)) tenure.lose();
        lastMs = kit.clock.monotonic();
      } catch (error) {
        kit.log.warn("incidents.lease_not_renewed", { error });
      }
      // The database fences us out in any case; waiting longer would only fold in vain.
      if (kit.clock.monotonic() - lastMs > TTL_MS && !stopping.aborted) tenure.lose();
    }
  };
  return {
    acquire: async (exclusive, signal) => {
      for (let force = exclusive; !signal.aborted;) {
        try {
          if (!force && !(await store.transaction((tx) => tx.partitions.takeable(owner)))) {
            await kit.clock.sleep(LOOK_MS, signal);
            continue;
          }
          const epochs = await hold(force);
          force = false;
          if (epochs.size > 0) return begin(epochs, (tenure) => void renew(tenure, signal), signal);
        } catch (error) {
          kit.log.warn("incidents.lease_not_taken", { error });
        }
        await kit.clock.sleep(UNREACHED_MS, signal);
      }
      return undefined;
    },
    release: () => store.transaction((tx) => tx.partitions.release(owner)),
  };
}

function begin(epochs: ReadonlyMap<number, number>, renew: (tenure: Tenure) => void, stopping: AbortSignal): Tenure {
  const controller = new AbortController();
  const lose = (): void => controller.abort();
  if (stopping.aborted) lose();
  else stopping.addEventListener("abort", lose, { once: true });
  const tenure = { epochs, signal: controller.signal, lose };
  renew(tenure);
  return tenure;
}
