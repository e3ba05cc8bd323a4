import { type MissedSlots, missedSlots, nextSlot } from "./slots.ts";

const OLDEST_MISSED_MS = 30 * 86_400_000;

export interface DueSlot {
  /** Names the round that is to be run now; greater than that of every earlier round. */
  readonly slotMs: number;
  /** Slots before it that nobody ran, and why. */
  readonly missed: (MissedSlots & { readonly reason: "late" | "clock_jumped" }) | undefined;
  /** The slot after it, and how long it is until then. */
  readonly next: { readonly slotMs: number; readonly inMs: number };
}

/**
 * What to run when a slot was waited for on the monotonic clock. `ranMs` is the newest slot that was run or
 * missed, which a round out of turn does not change. `lateMs` is how much longer than planned that took and
 * `nowMs` what the wall clock says by now, which may have been set meanwhile. Set forward, the slots it jumped over are
 * missed. Set back, slots come a second time: their rounds are run as ever and named by the instants right after the
 * last slot, so that no slot has two results.
 */
export function dueSlot(
  planned: { readonly slotMs: number; readonly lateMs: number },
  now: { readonly nowMs: number; readonly lastMs: number; readonly ranMs: number },
  everyMs: number,
  phaseMs: number,
): DueSlot {
  const { nowMs, lastMs } = now;
  const earlyMs = planned.slotMs - nowMs;
  // Clocks do not agree to the millisecond: a little before the slot is on the slot.
  const atMs = earlyMs > 0 && earlyMs <= everyMs / 2 ? planned.slotMs : nowMs;
  const nextMs = nextSlot(atMs, everyMs, phaseMs);
  const newestMs = nextMs - everyMs;
  const ranMs = Math.max(now.ranMs, planned.slotMs - 1, nowMs - OLDEST_MISSED_MS);
  const slotMs = Math.max(newestMs, lastMs + 1);
  // A round out of turn that came after this slot by a clock that jumped leaves its name to nobody.
  const missed = missedSlots(ranMs, slotMs === newestMs ? newestMs - 1 : newestMs, everyMs, phaseMs);
  const reason = planned.lateMs >= everyMs ? "late" : "clock_jumped";
  return {
    slotMs,
    missed: missed === undefined ? undefined : { ...missed, reason },
    next: { slotMs: nextMs, inMs: nextMs - nowMs },
  };
}
