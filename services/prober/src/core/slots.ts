/** Slots are fixed instants: `phase` past each multiple of `everyMs`, so restarts and reloads never drift them. */
export function phaseOf(monitorId: string, everyMs: number): number {
  // FNV-1a, 32 bits: spreads ids evenly over the interval.
  let hash = 0x811c9dc5;
  for (let i = 0; i < monitorId.length; i += 1) {
    hash ^= monitorId.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return hash % everyMs;
}

/** The first slot after `atMs`. */
export function nextSlot(atMs: number, everyMs: number, phaseMs: number): number {
  return Math.floor((atMs - phaseMs) / everyMs) * everyMs + phaseMs + everyMs;
}

export interface MissedSlots {
  readonly firstMs: number;
  readonly count: number;
}

/** The slots after `lastMs` up to and including `nowMs` that nobody ran; undefined when there are none. */
export function missedSlots(lastMs: number, nowMs: number, everyMs: number, phaseMs: number): MissedSlots | undefined {
  const firstMs = nextSlot(lastMs, everyMs, phaseMs);
  if (firstMs > nowMs) return undefined;
  return { firstMs, count: Math.floor((nowMs - firstMs) / everyMs) + 1 };
}

/** An instant from now on for a round out of turn: after every earlier round, and never a slot, whose own round comes. */
export function freeInstant(lastMs: number, nowMs: number, everyMs: number, phaseMs: number): number {
  const atMs = Math.max(nowMs, lastMs + 1);
  return everyMs > 1 && (atMs - phaseMs) % everyMs === 0 ? atMs + 1 : atMs;
}

/**
 * The instant that names what a stopped prober missed, between the last round it knows of and the first slot missed. The
 * fold may have rounds of these slots, and records of former lives that missed fewer of them, which all left from memory
 * while the disk was full. So no slot is the name, and another number of slots has another.
 */
export function instantFor({ firstMs, count }: MissedSlots, lastMs: number): number {
  const free = firstMs - 1 - lastMs;
  return free > 0 ? firstMs - 1 - ((count - 1) % free) : firstMs;
}
