import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { currentOrNext, occurrences, type Recurring, spansWithin } from "./occurrences.ts";
import { parseRecurrence, writtenOut } from "./recurrence.ts";
import { instantOfWall, isZone, parseWall, wallAt, writeWall } from "./wall-clock.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const aWindow = (change: Partial<Recurring>): Recurring => ({
  starts: "1997-09-02T09:00",
  zone: "America/New_York",
  durationMs: HOUR_MS,
  rule: "",
  ended: [],
  ...change,
});

function days(rule: string, count: number, starts = "1997-09-02T09:00"): readonly string[] {
  const found: string[] = [];
  for (const { startMs } of occurrences(aWindow({ rule, starts }), 0)) {
    found.push(writeWall(wallAt("America/New_York", startMs)).slice(0, 10));
    if (found.length === count) break;
  }
  return found;
}

describe("recurrence rules give the days that RFC 5545 prints for them", () => {
  test.each([
    ["FREQ=DAILY;COUNT=3", ["1997-09-02", "1997-09-03", "1997-09-04"]],
    ["FREQ=DAILY;INTERVAL=10;COUNT=5", ["1997-09-02", "1997-09-12", "1997-09-22", "1997-10-02", "1997-10-12"]],
    ["FREQ=WEEKLY;UNTIL=19970924T000000Z", ["1997-09-02", "1997-09-09", "1997-09-16", "1997-09-23"]],
    ["FREQ=WEEKLY;INTERVAL=2;WKST=SU", ["1997-09-02", "1997-09-16", "1997-09-30", "1997-10-14"]],
    ["FREQ=WEEKLY;COUNT=4;WKST=SU;BYDAY=TU,TH", ["1997-09-02", "1997-09-04", "1997-09-09", "1997-09-11"]],
    ["FREQ=MONTHLY;COUNT=3;BYDAY=1FR", ["1997-09-05", "1997-10-03", "1997-11-07"]],
    ["FREQ=MONTHLY;INTERVAL=2;COUNT=4;BYDAY=1SU,-1SU", ["1997-09-07", "1997-09-28", "1997-11-02", "1997-11-30"]],
    ["FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", ["1997-09-22", "1997-10-20", "1997-11-17"]],
    ["FREQ=MONTHLY;BYMONTHDAY=-3", ["1997-09-28", "1997-10-29", "1997-11-28", "1997-12-29"]],
    ["FREQ=MONTHLY;COUNT=4;BYMONTHDAY=1,-1", ["1997-09-30", "1997-10-01", "1997-10-31", "1997-11-01"]],
    ["FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", ["1998-02-13", "1998-03-13", "1998-11-13"]],
    ["FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", ["1997-09-04", "1997-10-07", "1997-11-06"]],
    ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", ["1997-09-29", "1997-10-30", "1997-11-27"]],
    ["FREQ=YEARLY;BYDAY=20MO", ["1998-05-18", "1999-05-17", "2000-05-15"]],
    ["FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", ["1998-06-04", "1998-06-11"]],
  ])("%s", (rule, expected) => {
    expect(days(rule, expected.length || 1).slice(0, expected.length)).toEqual(expected);
  });

  test("weeks begin where the rule says, which decides every second week", () => {
    const rule = "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=";
    expect(days(`${rule}MO`, 4, "1997-08-05T09:00")).toEqual(["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]);
    expect(days(`${rule}SU`, 4, "1997-08-05T09:00")).toEqual(["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]);
  });

  test("a day that a month does not have is passed over", () => {
    expect(days("FREQ=MONTHLY", 3, "2026-01-31T02:00")).toEqual(["2026-01-31", "2026-03-31", "2026-05-31"]);
    expect(days("FREQ=YEARLY", 2, "2024-02-29T02:00")).toEqual(["2024-02-29", "2028-02-29"]);
  });

  test("a rule that matches no day ends", () => {
    expect(days("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", 1)).toEqual([]);
  });

  test("what is no rule is named", () => {
    const part = (text: string): string | undefined => {
      const parsed = parseRecurrence(text);
      return parsed.ok ? undefined : parsed.part;
    };
    expect(part("FREQ=SECONDLY")).toBe("FREQ=SECONDLY");
    expect(part("FREQ=DAILY;BYHOUR=3")).toBe("BYHOUR=3");
    expect(part("FREQ=DAILY;INTERVAL=0")).toBe("INTERVAL=0");
    expect(part("FREQ=WEEKLY;BYDAY=1MO")).toBe("BYDAY=1MO");
    expect(part("FREQ=DAILY;COUNT=2;UNTIL=20260101")).toBe("UNTIL=20260101");
    expect(part(writtenOut("weekly"))).toBeUndefined();
  });

  test("whatever is written, reading it ends without an error", () => {
    const piece = fc.constantFrom(
      "FREQ=DAILY",
      "FREQ=YEARLY",
      "COUNT=5",
      "BYDAY=-1SU",
      "UNTIL=20300101",
      "=",
      "BYSETPOS=-1",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((all) => all.join(";")),
        ),
        (text) => {
          expect([true, false]).toContain(parseRecurrence(text).ok);
        },
      ),
    );
  });
});

describe("windows follow the clock on the wall across summer time", () => {
  const paris = (change: Partial<Recurring>): Recurring =>
    aWindow({ zone: "Europe/Paris", rule: "FREQ=DAILY", ...change });
  const first = (window: Recurring, from: string, count: number) => {
    const found: string[] = [];
    for (const { startMs, endMs } of occurrences(window, Date.parse(from))) {
      found.push(`${new Date(startMs).toISOString()}/${(endMs - startMs) / HOUR_MS}`);
      if (found.length === count) break;
    }
    return found;
  };

  test("a time that does not exist in spring is an hour later, and the window is as long as ever", () => {
    const window = paris({ starts: "2026-03-27T02:30", durationMs: 2 * HOUR_MS });
    expect(first(window, "2026-03-28T00:00Z", 3)).toEqual([
      "2026-03-28T01:30:00.000Z/2",
      "2026-03-29T01:30:00.000Z/2",
      "2026-03-30T00:30:00.000Z/2",
    ]);
  });

  test("a time that comes twice in autumn begins one window, the first time", () => {
    const window = paris({ starts: "2026-10-23T02:30" });
    expect(first(window, "2026-10-24T00:00Z", 3)).toEqual([
      "2026-10-24T00:30:00.000Z/1",
      "2026-10-25T00:30:00.000Z/1",
      "2026-10-26T01:30:00.000Z/1",
    ]);
  });

  const zone = fc.constantFrom(
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
  );
  const wall = fc
    .integer({ min: Date.UTC(2000, 0, 1) / 60_000, max: Date.UTC(2040, 0, 1) / 60_000 })
    .map((m) => m * 60_000);

  test("in any zone a wall clock shows the time asked for, or has been set past it", () => {
    fc.assert(
      fc.property(zone, wall, (name, wallMs) => {
        const shownMs = wallAt(name, instantOfWall(name, wallMs));
        expect(shownMs - wallMs).toBeGreaterThanOrEqual(0);
        expect(shownMs - wallMs).toBeLessThanOrEqual(DAY_MS);
        if (shownMs !== wallMs) {
          // Nothing between the two is ever shown.
          const before = wallAt(name, instantOfWall(name, wallMs) - (shownMs - wallMs) - 1);
          expect(before).toBeLessThan(wallMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("daily windows come once for every day of the calendar, in order and without overlap", () => {
    fc.assert(
      fc.property(zone, wall, fc.integer({ min: 1, max: 22 }), (name, startMs, hours) => {
        const window = aWindow({
          zone: name,
          starts: writeWall(startMs),
          rule: "FREQ=DAILY",
          durationMs: hours * HOUR_MS,
        });
        const fromMs = instantOfWall(name, startMs) + 200 * DAY_MS;
        let last: { startMs: number; endMs: number } | undefined;
        let seen = 0;
        for (const span of occurrences(window, fromMs)) {
          expect(span.endMs - span.startMs).toBe(hours * HOUR_MS);
          if (last !== undefined) expect(span.startMs).toBeGreaterThanOrEqual(last.endMs);
          last = span;
          if (++seen === 40) break;
        }
        expect(seen).toBe(40);
      }),
      { numRuns: 40 },
    );
  });

  test("skipping what is long over changes nothing", () => {
    const rules = fc.constantFrom(
      "FREQ=DAILY;INTERVAL=3",
      "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
      "FREQ=MONTHLY;BYDAY=-1SU",
      "FREQ=YEARLY",
      "FREQ=DAILY;COUNT=400",
    );
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 3000 }), (rule, later) => {
        const window = aWindow({ rule, starts: "2020-01-06T02:00", zone: "Europe/Paris" });
        const fromMs = Date.UTC(2020, 0, 1) + later * DAY_MS;
        const all = [...spansWithin(window, 0, fromMs + 800 * DAY_MS)];
        const expected = all.find(({ endMs }) => endMs > fromMs);
        expect(currentOrNext(window, fromMs)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});

test("one that was ended early is over then, and the next comes as ever", () => {
  const window = aWindow({ zone: "UTC", starts: "2026-01-01T02:00", rule: "FREQ=DAILY" });
  const startMs = Date.UTC(2026, 0, 5, 2);
  const ended = { ...window, ended: [{ startMs, endMs: startMs + 60_000 }] };
  expect(currentOrNext(ended, startMs)).toEqual({ startMs, endMs: startMs + 60_000 });
  expect(currentOrNext(ended, startMs + 60_000)).toEqual({
    startMs: startMs + DAY_MS,
    endMs: startMs + DAY_MS + HOUR_MS,
  });
});

test("only what can be told apart is a zone or a time", () => {
  expect(["Europe/Paris", "UTC", "Mars/Olympus", "+02:00", ""].map(isZone)).toEqual([true, true, false, false, false]);
  expect(["2026-02-29T02:00", "2026-01-01 02:00", "2026-01-01T25:00"].map(parseWall)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
