import type { ServiceKit } from "@sentinel/service-kit";
import type { FoldStore } from "../store/port.ts";
import { hourOf } from "./pack-hour.ts";

const PASS_EVERY_MS = 60_000;
/** An hour is packed once it is over for this long, so that what comes a little late is packed with it. */
const SETTLE_MS = 5 * 60_000;
/** Few at a time: the transactions stay short, and folding goes on between them. */
const HOURS_AT_A_TIME = 10;
const PAGE = 500;
/** Rests this many times as long as it works: most of a core is left to folding even while much is to be packed. */
const REST = 4;

export interface CompactDeps {
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  /** How often the monitor is checked; 0 when that is not known any more. */
  readonly everyMsOf: (monitorId: string) => number;
}

/** Packs finished hours of the check log, minute after minute, until the signal ends. */
export async function compact(deps: CompactDeps, signal: AbortSignal): Promise<void> {
  const { kit } = deps;
  while (!signal.aborted) {
    await kit.clock.sleep(PASS_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      await compactOnce(deps, signal);
    } catch (error) {
      kit.log.warn("incidents.compaction_failed", { error });
    }
  }
}

/** Packs all that is due. Gives the number of rows packed. */
export async function compactOnce(deps: CompactDeps, signal: AbortSignal): Promise<number> {
  const beforeMs = hourOf(deps.kit.clock.now() - SETTLE_MS);
  let packed = 0;
  // Each walk over the monitors packs the oldest hour of each; what cannot be packed must not hold up the others.
  for (let walked = await walk(deps, beforeMs, signal); walked > 0; walked = await walk(deps, beforeMs, signal)) {
    packed += walked;
  }
  return packed;
}

async function walk({ kit, store, everyMsOf }: CompactDeps, beforeMs: number, signal: AbortSignal): Promise<number> {
  let packed = 0;
  for (let afterId = ""; !signal.aborted;) {
    const hours = await store.transaction((tx) => tx.checks.packable({ beforeMs, afterId, limit: PAGE }));
    await store.prepareChecks(hours.map(({ hourMs }) => hourMs));
    for (let at = 0; at < hours.length && !signal.aborted; at += HOURS_AT_A_TIME) {
      const some = hours.slice(at, at + HOURS_AT_A_TIME);
      const fromMs = kit.clock.monotonic();
      const due = some.map((hour) => ({ ...hour, everyMs: everyMsOf(hour.monitorId) }));
      try {
        packed += await store.transaction((tx) => tx.checks.pack(due));
      } catch (error) {
        kit.log.warn("incidents.hour_not_packed", { error, monitors: some.map(({ monitorId }) => monitorId) });
      }
      const tookMs = kit.clock.monotonic() - fromMs;
      if (tookMs > 0) await kit.clock.sleep(tookMs * REST, signal);
    }
    if (hours.length < PAGE) break;
    afterId = hours.at(-1)?.monitorId ?? "";
  }
  return packed;
}
