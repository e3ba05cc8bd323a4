const DAY_MS = 86_400_000;

/** Whole days left; below zero when the moment is past. */
export const daysLeft = (untilMs: number, nowMs: number): number => Math.floor((untilMs - nowMs) / DAY_MS);

export const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
