import { CheckResult, type EndpointResult, Verdict } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { EVERY_MS, T0 } from "../core/fixtures.ts";
import { asKept, decodeChunk, decodeSlots, encodeChunk } from "./chunk.ts";

const KEY = { monitorId: "mon_1", region: "local" };
const verdict = fc.constantFrom(Verdict.HEALTHY, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN, Verdict.MISSED);
const ms = fc.double({ min: 0, max: 86_400_000, noNaN: true });
const instant = fc.integer({ min: 1, max: 4_102_444_800_000 });
const phases = fc.record({ dnsMs: ms, connectMs: ms, tlsMs: ms, firstByteMs: ms, transferMs: ms });
const uint32 = fc.nat({ max: 4_294_967_295 });

const endpoint = fc
  .record({
    url: fc.webUrl(),
    verdict,
    reason: fc.string({ unit: "grapheme" }),
    status: uint32,
    durationMs: ms,
    phases: fc.option(phases, { nil: undefined }),
  })
  .map((each): EndpointResult => ({ ...each, evidence: undefined }));

const round = fc
  .record({
    prober: fc.string(),
    slotMs: instant,
    startedAtMs: fc.oneof(fc.constant(0), instant),
    durationMs: ms,
    verdict,
    reason: fc.string({ unit: "grapheme" }),
    endpoints: fc.array(endpoint, { maxLength: 3 }),
    missedSlots: uint32,
    missedUntilMs: fc.oneof(fc.constant(0), instant),
    monitorVersion: uint32,
    onDemand: fc.boolean(),
    // Answered when it is folded; not kept.
    requestId: fc.constant(""),
    traceparent: fc.constantFrom("", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
  })
  .map((each): CheckResult => ({ ...KEY, ...each }));

const rounds = fc.uniqueArray(round, { selector: (each) => each.slotMs, maxLength: 40 });
const bySlot = (results: readonly CheckResult[]): CheckResult[] => results.toSorted((a, b) => a.slotMs - b.slotMs);

/** An hour of a monitor that answers in about 40 ms. */
const anHour = Array.from({ length: 120 }, (_, n) => {
  const [connectMs, firstByteMs] = [1 + ((n * 7) % 5) / 10, 38 + ((n * 31) % 40) / 10];
  const durationMs = connectMs + firstByteMs + 0.3;
  const seen = { url: "http://shop.test:8080/", verdict: Verdict.HEALTHY, status: 200, durationMs };
  return CheckResult.fromPartial({
    ...KEY,
    prober: "p1",
    slotMs: T0 + n * EVERY_MS,
    startedAtMs: T0 + n * EVERY_MS + (n % 3),
    durationMs,
    verdict: Verdict.HEALTHY,
    monitorVersion: 1,
    endpoints: [{ ...seen, phases: { connectMs, firstByteMs, transferMs: 0.2 } }],
  });
});

describe("a chunk", () => {
  test("gives back any rounds by slot, times rounded to 0.1 ms", () => {
    fc.assert(
      fc.property(rounds, (results) => {
        const bytes = encodeChunk(results);
        expect(decodeChunk(bytes, KEY)).toEqual(bySlot(results).map(asKept));
        expect(decodeSlots(bytes)).toEqual(bySlot(results).map(({ slotMs }) => slotMs));
      }),
      { numRuns: 50 },
    );
  });

  test("loses nothing when it is packed again", () => {
    fc.assert(
      fc.property(rounds, (results) => {
        const once = decodeChunk(encodeChunk(results), KEY);
        expect(decodeChunk(encodeChunk(once), KEY)).toEqual(once);
      }),
      { numRuns: 50 },
    );
  });

  test("rounding moves no time by more than 0.05 ms", () => {
    for (const [index, kept] of decodeChunk(encodeChunk(anHour), KEY).entries()) {
      expect(Math.abs(kept.durationMs - (anHour[index]?.durationMs ?? 0))).toBeLessThanOrEqual(0.05 + 1e-9);
    }
  });

  test("of a steady hour takes fewer than 5 bytes a round", () => {
    expect(encodeChunk(anHour).length / anHour.length).toBeLessThan(5);
  });

  test("that is damaged or of a later version is refused with a RangeError, never misread without end", () => {
    const whole = encodeChunk(anHour);
    expect(() => decodeChunk(whole.with(0, 9), KEY)).toThrow("version 9");
    expect(() => decodeChunk(new Uint8Array(), KEY)).toThrow(RangeError);
    expect(() => decodeChunk(whole.subarray(0, 40), KEY)).toThrow(RangeError);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        expect(() => decodeChunk(Uint8Array.of(1, ...noise), KEY)).toThrow(RangeError);
      }),
    );
  });
});
