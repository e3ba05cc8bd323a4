import type { Shift } from "./ledger.ts";

/** How far around a shift an instant may have been read before and noted after it. */
const AROUND_MS = 250;

/** The instant that was true when this service noted it: where its clock was wrong just then, not the one it noted. */
export const trueInstant = (notedMs: number, service: string, shifts: readonly Shift[]): number =>
  readings(notedMs, service, shifts).at(-1) ?? notedMs;

/**
 * The true instants that one noted by this service may mean: itself and, where its clock was wrong just then, what was
 * true at that moment.
 */
export function readings(notedMs: number, service: string, shifts: readonly Shift[]): readonly number[] {
  const shifted = shifts
    .filter((shift) => shift.service === service)
    .filter(({ offsetMs, fromMs, untilMs }) => {
      const trueMs = notedMs - offsetMs;
      return trueMs >= fromMs - AROUND_MS && trueMs <= untilMs + AROUND_MS;
    });
  return [notedMs, ...shifted.map(({ offsetMs }) => notedMs - offsetMs)];
}
