import type { ProberBeat } from "@sentinel/contracts";
import { ownersOf } from "./owners.ts";

/** Slots after `fromMs` up to and including `untilMs`. */
export interface Gap {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * What nobody can have looked at of a monitor before a prober began. While others of its region were there, they had its
 * slots as soon as they had noticed. Where all were gone, who had the monitor last counts: its own slots a prober knows
 * exactly, those of another only up to what that one said last, when a round of it may have been under way.
 */
export function gapOf(of: {
  readonly id: string;
  readonly lastMs: number;
  readonly timeoutMs: number;
  /** What each prober of the region, this one included, had said last. */
  readonly before: readonly ProberBeat[];
  readonly name: string;
  readonly owners: number;
  /** One that was not heard for so long is taken for gone by the others. */
  readonly goneMs: number;
  readonly nowMs: number;
}): Gap | undefined {
  const { id, lastMs, before, name, goneMs, nowMs } = of;
  const own = before.find((each) => each.name === name);
  const others = before.filter((each) => each.name !== name);
  if (others.some((each) => !each.draining && nowMs - each.atMs <= goneMs)) {
    // One that took its leave was followed at once, and one that is new has left no slot out.
    return own === undefined || own.draining || lastMs === 0
      ? undefined
      : orNone({ fromMs: Math.max(lastMs, own.atMs - of.timeoutMs), untilMs: Math.min(nowMs, own.atMs + goneMs) });
  }
  const newestMs = Math.max(0, ...others.map((each) => each.atMs));
  const there = before.filter((each) => newestMs - each.atMs <= goneMs && !(each === own && each.draining));
  const hadIt = newestMs === 0 || ownersOf(id, there, of.owners).includes(name);
  const fromMs = hadIt ? lastMs : Math.max(lastMs, newestMs - goneMs - of.timeoutMs);
  return fromMs === 0 ? undefined : orNone({ fromMs, untilMs: nowMs });
}

const orNone = (gap: Gap): Gap | undefined => (gap.untilMs > gap.fromMs ? gap : undefined);
