import type { ServiceKit } from "@sentinel/service-kit";
import type { FoldStore, HotSegment, HourToPack, RoundToPack } from "../store/port.ts";
import { hourOf } from "./spans.ts";

const PASS_EVERY_MS = 60_000;
/** An hour is packed once it is over for this long, so that what comes a little late is packed with it. */
const SETTLE_MS = 5 * 60_000;
/** Few at a time: the transactions stay short, and folding goes on between them. */
const CHUNKS_AT_A_TIME = 10;
/** Rounds unpacked in memory at a time; their segments are read again for the next ones. */
const ROUNDS_AT_A_TIME = 10_000;
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

/** Packs all that is due. Gives the number of rounds packed. */
export async function compactOnce(deps: CompactDeps, signal: AbortSignal): Promise<number> {
  const beforeMs = hourOf(deps.kit.clock.now() - SETTLE_MS);
  let packed = 0;
  for (const hourMs of await deps.store.transaction((tx) => tx.checks.unpackedHours(beforeMs))) {
    if (signal.aborted) break;
    packed += await compactHour(deps, hourMs, signal);
  }
  return packed;
}

/** Packs an hour part by part, then ends its segments; if that is interrupted, it is begun again and skips what is packed. */
async function compactHour(deps: CompactDeps, hourMs: number, signal: AbortSignal): Promise<number> {
  const { kit, store } = deps;
  await store.prepareChecks([hourMs]);
  const whole = new Set(await store.transaction((tx) => tx.checks.segments(hourMs)));
  const parts = Math.ceil([...whole].reduce((sum, { rounds }) => sum + rounds, 0) / ROUNDS_AT_A_TIME);
  let packed = 0;
  let failed = false;
  for (let part = 0; part < parts; part += 1) {
    const hours = await paced(deps, signal, () => hoursIn(deps, hourMs, whole, { part, parts }));
    for (let at = 0; at < hours.length; at += CHUNKS_AT_A_TIME) {
      if (signal.aborted) return packed;
      const some = hours.slice(at, at + CHUNKS_AT_A_TIME);
      try {
        packed += await paced(deps, signal, () => store.transaction((tx) => tx.checks.pack(some)));
      } catch (error) {
        failed = true;
        kit.log.warn("incidents.hour_not_packed", { error, monitors: some.map(({ monitorId }) => monitorId) });
      }
    }
  }
  if (!failed && !signal.aborted) await store.transaction((tx) => tx.checks.forget(hourMs, [...whole]));
  return packed;
}

/** Rests after the work for as long as it deserves. */
async function paced<T>({ kit }: CompactDeps, signal: AbortSignal, work: () => Promise<T> | T): Promise<T> {
  const fromMs = kit.clock.monotonic();
  const done = await work();
  const tookMs = kit.clock.monotonic() - fromMs;
  if (tookMs > 0) await kit.clock.sleep(tookMs * REST, signal);
  return done;
}

/** The rounds of every n-th monitor, by monitor and region. A segment that cannot be read is taken out, and stays. */
function hoursIn(
  { kit, everyMsOf }: CompactDeps,
  hourMs: number,
  segments: Set<HotSegment>,
  { part, parts }: { readonly part: number; readonly parts: number },
): readonly HourToPack[] {
  const rounds: RoundToPack[] = [];
  for (const segment of segments) {
    try {
      const results = segment.results((monitorId) => partOf(monitorId, parts) === part);
      for (const result of results) rounds.push({ result, counted: segment.counted });
    } catch (error) {
      segments.delete(segment);
      kit.log.warn("incidents.segment_unreadable", { error, hourMs, segment: segment.id });
    }
  }
  const groups = Map.groupBy(rounds, ({ result }) => `${result.monitorId} ${result.region}`);
  return [...groups.values()].flatMap((group): HourToPack[] => {
    const first = group[0]?.result;
    if (first === undefined) return [];
    const { monitorId, region } = first;
    return [{ monitorId, region, hourMs, everyMs: everyMsOf(monitorId), rounds: group }];
  });
}

/** The last characters of an id are its most random ones. */
function partOf(monitorId: string, parts: number): number {
  let sum = 0;
  for (let at = Math.max(0, monitorId.length - 8); at < monitorId.length; at += 1) {
    sum = (sum * 31 + monitorId.charCodeAt(at)) % 1_000_003;
  }
  return sum % parts;
}
