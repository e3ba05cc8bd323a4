export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const hourOf = (slotMs: number): number => Math.floor(slotMs / HOUR_MS) * HOUR_MS;
export const dayOf = (slotMs: number): number => Math.floor(slotMs / DAY_MS) * DAY_MS;
