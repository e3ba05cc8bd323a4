import type { Clock } from "@sentinel/service-kit";

/** What became of the wall clock, for the operator who has to look after it. */
export type ClockTurn = "set" | "distrusted" | "right_again" | "accepted";

/** A clock whose `now` goes on evenly when the wall clock is set, until it is known which of the two is right. */
export interface SteadyClock extends Clock {
  /** Another clock showed `atMs` at some moment between the monotonic instant `fromMs` and now. */
  readonly witness: (fromMs: number, atMs: number) => void;
}

export interface SteadyClockOptions {
  /** Milliseconds since the machine was started, those of its sleep included; without it no sleep is known. */
  readonly sinceBootMs?: (() => number) | undefined;
  /** `byMs` is how far the wall clock is ahead of what `now` gives; negative when it is behind. */
  readonly onTurn?: (turn: ClockTurn, byMs: number) => void;
}

/** Less than that is how clocks are kept in time. */
const SET_MS = 5000;
/** Two readings belong together when nothing took longer between them. */
const TOGETHER_MS = 100;
/** So long nobody who could bear witness is heard; then the machine is believed. */
const PATIENCE_MS = 60_000;

/**
 * The wall clock may be set wrong, or be put right; the monotonic clock cannot say which. What it was until then goes on
 * meanwhile, and the witness decides whose reading it is nearer to: so rounds are not named by a clock that jumped. A
 * machine that slept is known to have slept, and its clock is believed at once.
 */
export function createSteadyClock(clock: Clock, { sinceBootMs, onTurn }: SteadyClockOptions = {}): SteadyClock {
  const sleepOf = (monotonicMs: number): number => (sinceBootMs === undefined ? 0 : sinceBootMs() - monotonicMs);
  const read = (): { readonly wallMs: number; readonly monotonicMs: number } => {
    for (;;) {
      const beforeMs = clock.monotonic();
      const wallMs = clock.now();
      const monotonicMs = clock.monotonic();
      if (monotonicMs - beforeMs <= TOGETHER_MS) return { wallMs, monotonicMs };
    }
  };
  const first = read();
  /** How far the wall clock is ahead of the monotonic one. */
  let leadMs = first.wallMs - first.monotonicMs;
  let sleptMs = sleepOf(first.monotonicMs);
  /** What of that is not believed. */
  let heldMs = 0;
  let doubtUntilMs = Number.POSITIVE_INFINITY;

  const believe = (turn: ClockTurn): void => {
    const byMs = heldMs;
    heldMs = 0;
    doubtUntilMs = Number.POSITIVE_INFINITY;
    onTurn?.(turn, byMs);
  };
  const onSet = (byMs: number, monotonicMs: number): void => {
    const before = sleptMs;
    sleptMs = sleepOf(monotonicMs);
    const setMs = Math.abs(byMs - (sleptMs - before)) < SET_MS ? 0 : byMs;
    if (setMs === 0) return;
    // Whole, as the instants of the wall clock are.
    heldMs += Math.round(setMs);
    if (Math.abs(heldMs) < SET_MS) return believe("right_again");
    doubtUntilMs = monotonicMs + PATIENCE_MS;
    onTurn?.("set", heldMs);
  };
  const look = (): { readonly wallMs: number; readonly monotonicMs: number } => {
    const { wallMs, monotonicMs } = read();
    const byMs = wallMs - monotonicMs - leadMs;
    leadMs += byMs;
    if (Math.abs(byMs) >= SET_MS) onSet(byMs, monotonicMs);
    if (monotonicMs >= doubtUntilMs) believe("accepted");
    return { wallMs, monotonicMs };
  };
  return {
    now: () => look().wallMs - heldMs,
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    witness: (fromMs, atMs) => {
      const { wallMs, monotonicMs } = look();
      if (heldMs === 0) return;
      const lastedMs = monotonicMs - fromMs;
      const away = (untilMs: number): number => Math.max(0, untilMs - lastedMs - atMs, atMs - untilMs);
      const [steady, wall] = [away(wallMs - heldMs), away(wallMs)];
      // Clocks of two machines differ, but less than that; what is as near to both says nothing.
      if (Math.min(steady, wall) > Math.abs(heldMs) / 4) return;
      if (wall < steady) believe("accepted");
      else if (steady < wall && doubtUntilMs < Number.POSITIVE_INFINITY) {
        doubtUntilMs = Number.POSITIVE_INFINITY;
        onTurn?.("distrusted", heldMs);
      }
    },
  };
}
