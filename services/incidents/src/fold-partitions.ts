import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus, Message } from "@sentinel/messaging";
import type { Folded } from "./fold.ts";
import type { Tenure } from "./membership.ts";
import { type OnCheckDeps, onCheck } from "./on-check.ts";
import type { OutboxRelay } from "./outbox-relay.ts";
import { createPartitionCache } from "./partition-cache.ts";
import type { Watermarks } from "./watermarks.ts";

export interface FoldPartitionsDeps extends Omit<OnCheckDeps, "cache" | "epochs"> {
  readonly bus: Bus;
  readonly tenure: Tenure;
  readonly relay: OutboxRelay;
  readonly watermarks: Watermarks;
  readonly onFolded: (folded: Folded) => void;
  readonly onForeign: (messages: readonly Message[]) => void;
  /** With each share, before anything of it is folded. */
  readonly onShare: (parts: readonly number[]) => void;
}

/**
 * Folds and relays what this process owns, share after share. A share is over when all that was in hand is done, so
 * that whoever owns a partition next begins where this process ended.
 */
export async function foldPartitions(deps: FoldPartitionsDeps): Promise<void> {
  const { tenure, relay, watermarks } = deps;
  for await (const { partitions, epochs, signal, lose } of tenure.shares()) {
    deps.onShare([...epochs.keys()]);
    // The bus may have forgotten the marks; the store has not. Results confirmed by nobody come again.
    const known = partitions.filter(({ streamEpoch }) => streamEpoch !== "");
    watermarks.moved(known.map((partition) => ({ ...partition, prints: [] })));
    const relaying = relay.run([...epochs.keys()], signal);
    try {
      // Another process may have folded what was remembered of an earlier share.
      await onCheck({ ...deps, epochs, cache: createPartitionCache() }, deps.onFolded, signal);
    } catch (thrown) {
      if (SentinelError.from(thrown).code !== "lease_lost") throw thrown;
      deps.kit.log.warn("incidents.lease_lost", { error: thrown });
    } finally {
      lose();
      await relaying;
    }
  }
}
