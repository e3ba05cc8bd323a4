const DAY_MS = 86_400_000;
const WALL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/;

/**
 * What a clock on the wall shows, as the milliseconds that the same reading would be in UTC; so days are always 24 hours
 * long. Undefined for what is not written like "2026-03-01T02:00", or is no day of the calendar.
 */
export function parseWall(text: string): number | undefined {
  const match = WALL.exec(text);
  if (match === null) return undefined;
  const wallMs = Date.parse(`${text}:00.000Z`);
  return Number.isNaN(wallMs) || writeWall(wallMs) !== text ? undefined : wallMs;
}

export const writeWall = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 16);

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formats.set(zone, made);
  return made;
}

/** Whether this is a time zone by its IANA name. Offsets such as "+02:00" are none: they know no summer time. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What a clock on the wall of the zone shows at this instant. @throws RangeError when there is no such zone */
export function wallAt(zone: string, atMs: number): number {
  const wholeMs = Math.floor(atMs / 1000) * 1000;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(wholeMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const wholeWallMs = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return wholeWallMs + (atMs - wholeMs);
}

/**
 * The instant at which a clock on the wall of the zone shows this. What it shows twice, in autumn, is the first of the
 * two; what it never shows, in spring, is as much later as the clock is set forward.
 * @throws RangeError when there is no such zone
 */
export function instantOfWall(zone: string, wallMs: number): number {
  const offsetAt = (atMs: number): number => wallAt(zone, atMs) - atMs;
  const before = wallMs - offsetAt(wallMs - DAY_MS);
  const after = wallMs - offsetAt(wallMs + DAY_MS);
  const shown = [before, after].filter((atMs) => wallAt(zone, atMs) === wallMs);
  return shown.length === 0 ? before : Math.min(...shown);
}
