import type { ServiceKit } from "@sentinel/service-kit";

const LOOK_EVERY_MS = 1000;
/** Clocks are set by fractions of a second all the time, and a loop may be busy for a while. */
const SHIFT_MS = 5000;

/** A span in which nobody could take a ping; both 0 when there was none. */
interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** When this process could not hear: before it was started, while it was stopped or asleep, when its clock was set. */
export interface Deaf {
  last(): Span;
  watch(signal: AbortSignal): Promise<void>;
}

/** @param heardUntilMs when a process before this one was at work last; 0 when none ever was. */
export function createDeaf(kit: Pick<ServiceKit, "clock">, heardUntilMs: number): Deaf {
  const { clock } = kit;
  const begunMs = clock.now();
  let last: Span =
    heardUntilMs === 0 || heardUntilMs >= begunMs
      ? { fromMs: 0, untilMs: 0 }
      : { fromMs: heardUntilMs, untilMs: begunMs };
  let seen = { atMs: begunMs, monotonicMs: clock.monotonic() };
  /** A wall clock that went on without this process, or was set forward: its time was not listened to. */
  const look = (): void => {
    const now = { atMs: clock.now(), monotonicMs: clock.monotonic() };
    const asleep = now.monotonicMs - seen.monotonicMs - LOOK_EVERY_MS > SHIFT_MS;
    const shifted = now.atMs - seen.atMs - (now.monotonicMs - seen.monotonicMs) > SHIFT_MS;
    if (asleep || shifted) last = { fromMs: seen.atMs, untilMs: now.atMs };
    seen = now;
  };
  return {
    last: () => {
      look();
      return last;
    },
    watch: async (signal) => {
      while (!signal.aborted) {
        look();
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}
