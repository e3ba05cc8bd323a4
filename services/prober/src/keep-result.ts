import { CheckResult } from "@sentinel/contracts";
import type { ServiceKit } from "@sentinel/service-kit";
import { missedInstead } from "./core/spool-full.ts";
import { type Overflow, type Spool, type Spooled, toSpooled } from "./spool/spool.ts";
import type { Unconfirmed } from "./unconfirmed.ts";

/** Results that may wait in memory while the disk takes none; beyond it they become records of missed slots. */
const MOST_UNSAVED = 20_000;
/** Segments of the spool begin at 1. */
const NO_SEGMENT = 0;

/** Puts results on disk or, while the disk takes none, in memory until it does. */
export interface Keeper {
  /** The entry to publish; undefined when it had to go at once. */
  keep(result: CheckResult): Promise<Spooled | undefined>;
  /** It is confirmed or gone. */
  forget(entry: Spooled): void;
  /** Why results are not safe on disk, as an error code; null when they are. */
  readonly trouble: () => string | null;
  /** Resolves when what is being saved late is saved. */
  settled(): Promise<void>;
}

export function createKeeper(deps: {
  readonly kit: ServiceKit;
  readonly spool: Spool;
  readonly unconfirmed: Unconfirmed;
  /** Told what memory had to give up. */
  readonly onOverflow: (overflow: Overflow) => void;
}): Keeper {
  const { kit, spool, unconfirmed, onOverflow } = deps;
  const unsaved = new Map<string, Spooled>();
  let unsafe: string | null = null;
  let saving: Promise<void> | undefined;

  const inMemory = (result: CheckResult): Spooled => {
    const entry = toSpooled(result, CheckResult.encode(result).finish(), NO_SEGMENT);
    unsaved.set(entry.id, entry);
    unconfirmed.add(entry);
    if (unsaved.size > MOST_UNSAVED) giveUpOldest();
    return entry;
  };
  const giveUpOldest = (): void => {
    const dropped = [...unsaved.values()];
    const instead = missedInstead(dropped.map(({ bytes, sent }) => ({ result: CheckResult.decode(bytes), sent })));
    for (const each of dropped) each.dropped = true;
    const missed = instead.map((each) => toSpooled(each, CheckResult.encode(each).finish(), NO_SEGMENT));
    onOverflow({ dropped, missed });
    for (const each of missed) unsaved.set(each.id, each);
  };
  const saveLate = async (): Promise<void> => {
    for (const entry of unsaved.values()) {
      const saved = await spool.append(CheckResult.decode(entry.bytes));
      unsaved.delete(entry.id);
      if (unconfirmed.current(entry) !== entry) {
        await spool.release([saved]);
        continue;
      }
      const { ack, again, againAtMs, renewed, sent, sentAtMs } = entry;
      Object.assign(saved, { ack, again, againAtMs, renewed, sent, sentAtMs });
      unconfirmed.add(saved);
    }
  };
  const onDiskAgain = (): void => {
    if (unsafe !== null) kit.log.info("prober.spool_works_again", { waiting: unsaved.size });
    unsafe = null;
    if (unsaved.size === 0) return;
    saving ??= saveLate()
      .catch((error: unknown) => kit.log.warn("prober.spool_failed", { error }))
      .finally(() => {
        saving = undefined;
      });
  };
  return {
    keep: async (result) => {
      let entry: Spooled;
      try {
        entry = await spool.append(result);
      } catch (error) {
        if (unsafe === null) kit.log.error("prober.spool_failed", { error });
        unsafe = isFull(error) ? "disk_full" : "spool_failed";
        return inMemory(result);
      }
      kit.failpoint("prober.after-spool");
      onDiskAgain();
      if (entry.dropped) return undefined;
      unconfirmed.add(entry);
      return entry;
    },
    forget: ({ id }) => void unsaved.delete(id),
    trouble: () => unsafe,
    settled: async () => await saving,
  };
}

const isFull = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  (error.code === "ENOSPC" || error.code === "EDQUOT");
