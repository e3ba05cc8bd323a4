/** The wire has 0 and "" for "none"; REST has null. */

export const instant = (ms: number): string => new Date(ms).toISOString();

export const instantOrNull = (ms: number): string | null => (ms > 0 ? instant(ms) : null);

export const textOrNull = (text: string): string | null => (text === "" ? null : text);

export const numberOrNull = (value: number): number | null => (value > 0 ? value : null);
