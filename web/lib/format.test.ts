import { describe, expect, test } from "@jest/globals";
import { translate } from "./every-language.ts";
import { currentLatency, figure, latency, minuteOf, percent, shortSpan, tickingSpan } from "./format.ts";

describe("figures", () => {
  test("an objective keeps its digits, and a planned instant has no seconds", () => {
    expect([figure("en", 99.95), figure("fr", 99.95)]).toEqual(["99.95", "99,95"]);
    expect(minuteOf("en", "2026-12-05T23:00:00Z")).toMatch(/^Dec \d, 2026, \d\d:\d\d$/);
  });

  test.each([
    [0.2, "< 1 ms", "< 1 ms"],
    [245.4, "245 ms", "245 ms"],
    [1234, "1.2 s", "1,2 s"],
    [12_345, "12 s", "12 s"],
  ])("a latency of %p ms reads %p", (ms, en, fr) => {
    expect([latency("en", ms), latency("fr", ms)]).toEqual([en, fr]);
  });

  test("what is down, or was never measured, has no latency", () => {
    expect(currentLatency("en", { status: "healthy", responseTimeMs: 12 })).toBe("12 ms");
    expect(currentLatency("en", { status: "down", responseTimeMs: 12 })).toBe("–");
    expect(currentLatency("en", { status: "unknown", responseTimeMs: null })).toBe("–");
    expect(currentLatency("en", { status: "unknown", responseTimeMs: 0 })).toBe("–");
  });

  test("a share that is not all never reads 100 %", () => {
    expect(percent("en", 100)).toBe("100 %");
    expect(percent("en", 99.96)).toBe("99.96 %");
    expect(percent("en", 99.999)).toBe("99.99 %");
    expect(percent("en", 99.89)).toBe("99.8 %");
    expect(percent("fr", 57.14)).toBe("57,1 %");
  });

  test("a ticking span counts whole seconds from nought", () => {
    expect([0, 999, 61_500].map((ms) => tickingSpan("en", ms))).toEqual(["0 s", "0 s", "1 min 1 s"]);
  });

  test("a span reads in its largest unit, and never runs backwards", () => {
    expect([shortSpan("en", -5), shortSpan("fr", 59_999), shortSpan("fr", 3 * 86_400_000)]).toEqual([
      "0 s",
      "59 s",
      "3 j",
    ]);
  });
});

describe("numbers in sentences", () => {
  test("English has one and many; French counts zero as one", () => {
    const said = (locale: "en" | "fr", n: string) => translate(locale, "monitors.count", { n });
    expect(["0", "1", "2"].map((n) => said("en", n))).toEqual(["0 monitors", "1 monitor", "2 monitors"]);
    expect(["0", "1", "2"].map((n) => said("fr", n))).toEqual(["0 moniteur", "1 moniteur", "2 moniteurs"]);
  });

  test("repairs agree with how many worked", () => {
    const said = (worked: string, total: string) => translate("fr", "repairs.summary", { worked, total });
    expect(said("0", "1")).toBe("0 réussie sur 1");
    expect(said("1", "3")).toBe("1 réussie sur 3");
    expect(said("2", "3")).toBe("2 réussies sur 3");
  });

  test("reach and reopenings are words, not brackets", () => {
    expect(translate("fr", "diagnosis.reachValue", { failing: "1", n: "2" })).toBe("1 adresse sur 2");
    expect(translate("fr", "diagnosis.reachValue", { failing: "2", n: "2" })).toBe("2 adresses sur 2");
    expect(translate("en", "diagnosis.reachValue", { failing: "1", n: "1" })).toBe("1 of 1 endpoint");
    expect(translate("en", "incident.reopened", { n: "2" })).toBe("reopened 2 times");
    expect(translate("fr", "incident.reopened", { n: "1" })).toBe("rouvert une fois");
  });
});
