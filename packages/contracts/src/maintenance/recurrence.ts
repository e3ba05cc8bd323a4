/** A recurrence rule of RFC 5545 whose parts are days; the time of day is that of the first one. */
export interface Recurrence {
  readonly freq: "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";
  readonly interval: number;
  readonly count: number | undefined;
  /** By the clock on the wall, or an instant where `untilIsInstant`. */
  readonly untilMs: number | undefined;
  readonly untilIsInstant: boolean;
  /** 0 is Monday; `nth` 0 means every one of the period. */
  readonly byDay: readonly { readonly day: number; readonly nth: number }[];
  readonly byMonthDay: readonly number[];
  readonly byMonth: readonly number[];
  readonly bySetPos: readonly number[];
  readonly weekStart: number;
}

export type ParsedRecurrence =
  | { readonly ok: true; readonly rule: Recurrence }
  /** The part that cannot be read, such as "FREQ=SECONDLY". */
  | { readonly ok: false; readonly part: string };

const DAY_MS = 86_400_000;
const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/** A rule that matches nothing, such as 30 February, is given up after this. */
const LONGEST_MS = 100 * 366 * DAY_MS;
const SHORT_FORMS: Readonly<Record<string, string>> = {
  daily: "FREQ=DAILY",
  weekly: "FREQ=WEEKLY",
  monthly: "FREQ=MONTHLY",
  yearly: "FREQ=YEARLY",
};

/** "daily", "weekly", "monthly" and "yearly" as the rules they stand for; anything else stays as it is. */
export const writtenOut = (rule: string): string => SHORT_FORMS[rule.trim().toLowerCase()] ?? rule.trim();

export function parseRecurrence(text: string): ParsedRecurrence {
  const given = new Map<string, string>();
  for (const part of text.replace(/^RRULE:/i, "").split(";")) {
    const [key = "", value = ""] = part.toUpperCase().split("=", 2);
    if (value === "" || given.has(key)) return { ok: false, part };
    given.set(key, value);
  }
  const wrong = [...given].find(([key, value]) => !(PARTS[key]?.(value) ?? false));
  if (wrong !== undefined) return { ok: false, part: wrong.join("=") };
  const freq = FREQUENCIES.find((each) => each === given.get("FREQ"));
  if (freq === undefined) return { ok: false, part: text === "" ? "FREQ" : text };
  if (given.has("COUNT") && given.has("UNTIL")) return { ok: false, part: `UNTIL=${given.get("UNTIL")}` };
  const byDay = listOf(given.get("BYDAY")).map(toNthDay);
  const nths = byDay.some(({ nth }) => nth !== 0);
  // An n-th weekday needs a month or a year that it is the n-th of, and a week has no days of the month.
  if (nths && freq !== "MONTHLY" && freq !== "YEARLY") return { ok: false, part: `BYDAY=${given.get("BYDAY")}` };
  if (given.has("BYMONTHDAY") && freq === "WEEKLY") return { ok: false, part: `BYMONTHDAY=${given.get("BYMONTHDAY")}` };
  const until = given.get("UNTIL");
  return {
    ok: true,
    rule: {
      freq,
      interval: Number(given.get("INTERVAL") ?? 1),
      count: given.has("COUNT") ? Number(given.get("COUNT")) : undefined,
      untilMs: until === undefined ? undefined : parseUntil(until),
      untilIsInstant: until?.endsWith("Z") ?? false,
      byDay,
      byMonthDay: listOf(given.get("BYMONTHDAY")).map(Number),
      byMonth: listOf(given.get("BYMONTH")).map(Number),
      bySetPos: listOf(given.get("BYSETPOS")).map(Number),
      weekStart: DAYS.indexOf(given.get("WKST") ?? "MO"),
    },
  };
}

const FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;

const numbers = (value: string, most: number, signed: boolean): boolean =>
  value.split(",").every((each) => {
    const wellFormed = signed ? /^[+-]?\d{1,3}$/.test(each) : /^\d{1,5}$/.test(each);
    return wellFormed && Number(each) !== 0 && Math.abs(Number(each)) <= most;
  });

/** The parts that are known, and what each may say. */
const PARTS: Readonly<Record<string, (value: string) => boolean>> = {
  FREQ: (value) => FREQUENCIES.some((each) => each === value),
  INTERVAL: (value) => !value.includes(",") && numbers(value, 1000, false),
  COUNT: (value) => !value.includes(",") && numbers(value, 10_000, false),
  UNTIL: (value) => parseUntil(value) !== undefined,
  BYDAY: (value) => value.split(",").every((each) => /^([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)$/.test(each)),
  BYMONTHDAY: (value) => numbers(value, 31, true),
  BYMONTH: (value) => numbers(value, 12, false),
  BYSETPOS: (value) => numbers(value, 366, true),
  WKST: (value) => DAYS.includes(value),
};

const listOf = (value: string | undefined): readonly string[] => value?.split(",") ?? [];

const toNthDay = (text: string) => ({ day: DAYS.indexOf(text.slice(-2)), nth: Number(text.slice(0, -2) || 0) });

/** A day means until its end. */
function parseUntil(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const atMs = Date.parse(`${year}-${month}-${day}T${hour ?? "23"}:${minute ?? "59"}:${second ?? "59"}.000Z`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/**
 * The times at which a rule recurs, by the clock on the wall, in order; from the first one on, which need not match.
 * @param fromMs those before may be left out, unless they must be counted
 * @param isLate whether a time is after the instant at which the rule ends
 */
export function* recurrences(
  rule: Recurrence,
  firstMs: number,
  fromMs: number,
  isLate: (wallMs: number, untilMs: number) => boolean,
): Generator<number> {
  const dayMs = Math.floor(firstMs / DAY_MS) * DAY_MS;
  const timeMs = firstMs - dayMs;
  let left = rule.count ?? Number.MAX_SAFE_INTEGER;
  const skipped = rule.count === undefined ? periodsBefore(rule, dayMs, fromMs) : 0;
  for (let period = skipped; ; period += 1) {
    const beginMs = periodAt(rule, dayMs, period);
    if (beginMs > Math.max(dayMs, fromMs) + LONGEST_MS) return;
    for (const day of daysOf(rule, dayMs, beginMs)) {
      const atMs = day + timeMs;
      if (atMs < firstMs) continue;
      if (left === 0 || (rule.untilMs !== undefined && isLate(atMs, rule.untilMs))) return;
      left -= 1;
      yield atMs;
    }
  }
}

const dateOf = (dayMs: number) => {
  const date = new Date(dayMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate() };
};
const weekday = (dayMs: number): number => (((dayMs / DAY_MS + 3) % 7) + 7) % 7;
const weekOf = (dayMs: number, weekStart: number): number => dayMs - ((weekday(dayMs) - weekStart + 7) % 7) * DAY_MS;

/** The beginning of the n-th period that is looked at. */
function periodAt({ freq, interval, weekStart }: Recurrence, dayMs: number, n: number): number {
  const { year, month } = dateOf(dayMs);
  switch (freq) {
    case "DAILY":
      return dayMs + n * interval * DAY_MS;
    case "WEEKLY":
      return weekOf(dayMs, weekStart) + n * interval * 7 * DAY_MS;
    case "MONTHLY":
      return Date.UTC(year, month + n * interval, 1);
    case "YEARLY":
      return Date.UTC(year + n * interval, 0, 1);
  }
}

/** How many periods lie wholly before an instant; rather too few. */
function periodsBefore({ freq, interval }: Recurrence, dayMs: number, fromMs: number): number {
  const longest = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }[freq] * DAY_MS * interval;
  return Math.max(0, Math.floor((fromMs - dayMs) / longest) - 1);
}

/** The days of a period that match, in order. */
function daysOf(rule: Recurrence, firstDayMs: number, beginMs: number): readonly number[] {
  const days = candidates(rule, beginMs).filter((dayMs) => matches(rule, firstDayMs, dayMs));
  if (rule.bySetPos.length === 0) return days;
  const chosen = rule.bySetPos.map((n) => days.at(n > 0 ? n - 1 : n));
  return days.filter((dayMs) => chosen.includes(dayMs));
}

function candidates({ freq }: Recurrence, beginMs: number): readonly number[] {
  const { year, month } = dateOf(beginMs);
  const length = {
    DAILY: 1,
    WEEKLY: 7,
    MONTHLY: (Date.UTC(year, month + 1, 1) - beginMs) / DAY_MS,
    YEARLY: (Date.UTC(year + 1, 0, 1) - beginMs) / DAY_MS,
  }[freq];
  return Array.from({ length }, (_, index) => beginMs + index * DAY_MS);
}

function matches(rule: Recurrence, firstDayMs: number, dayMs: number): boolean {
  const { freq, byDay, byMonthDay, byMonth } = rule;
  const { year, month, day } = dateOf(dayMs);
  const first = dateOf(firstDayMs);
  if (byMonth.length > 0 && !byMonth.includes(month + 1)) return false;
  const length = dateOf(Date.UTC(year, month + 1, 0)).day;
  if (byMonthDay.length > 0 && !byMonthDay.some((n) => day === (n > 0 ? n : length + 1 + n))) return false;
  if (byDay.length > 0 && !byDay.some((each) => isNthDay(rule, each, dayMs))) return false;
  if (byDay.length > 0 || byMonthDay.length > 0) return true;
  // What the rule leaves open is as the first one has it.
  switch (freq) {
    case "DAILY":
      return true;
    case "WEEKLY":
      return weekday(dayMs) === weekday(firstDayMs);
    case "MONTHLY":
      return day === first.day;
    case "YEARLY":
      return day === first.day && (byMonth.length > 0 || month === first.month);
  }
}

/** Whether a day is the n-th such weekday of its month, or of its year where no month is named. */
function isNthDay({ freq, byMonth }: Recurrence, { day, nth }: Recurrence["byDay"][number], dayMs: number): boolean {
  if (weekday(dayMs) !== day) return false;
  if (nth === 0) return true;
  const { year, month } = dateOf(dayMs);
  const ofYear = freq === "YEARLY" && byMonth.length === 0;
  const fromMs = ofYear ? Date.UTC(year, 0, 1) : Date.UTC(year, month, 1);
  const untilMs = ofYear ? Date.UTC(year + 1, 0, 1) : Date.UTC(year, month + 1, 1);
  const place =
    nth > 0 ? 1 + Math.floor((dayMs - fromMs) / (7 * DAY_MS)) : -Math.ceil((untilMs - dayMs) / (7 * DAY_MS));
  return place === nth;
}
