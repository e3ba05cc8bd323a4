import { type CheckResult, Verdict } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { aRound, EVERY_MS, T0 } from "../core/fixtures.ts";
import { asHot, decodeHeads, decodeSegment, encodeSegment } from "./segment.ts";

const verdict = fc.constantFrom(Verdict.HEALTHY, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN, Verdict.MISSED);
const ms = fc.double({ min: 0, max: 86_400_000, noNaN: true });
const instant = fc.integer({ min: 1, max: 4_102_444_800_000 });
const uint32 = fc.nat({ max: 4_294_967_295 });
const text = fc.string({ unit: "grapheme" });
const phases = fc.record({ dnsMs: ms, connectMs: ms, tlsMs: ms, firstByteMs: ms, transferMs: ms });
const endpoint = fc.record({
  url: fc.webUrl(),
  verdict,
  reason: text,
  status: uint32,
  durationMs: ms,
  phases: fc.option(phases, { nil: undefined }),
  evidence: fc.constant(undefined),
});
const round: fc.Arbitrary<CheckResult> = fc.record({
  monitorId: fc.constantFrom("mon_a", "mon_b", "mon_c"),
  region: fc.constantFrom("local", "paris", ""),
  prober: text,
  slotMs: instant,
  startedAtMs: fc.oneof(fc.constant(0), instant),
  durationMs: ms,
  verdict,
  reason: text,
  endpoints: fc.array(endpoint, { maxLength: 3 }),
  missedSlots: uint32,
  missedUntilMs: fc.oneof(fc.constant(0), instant),
  monitorVersion: uint32,
  onDemand: fc.boolean(),
  requestId: fc.string(),
  traceparent: fc.constantFrom("", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
});

describe("a segment", () => {
  test("gives back any rounds in their order, whole, by monitor, or their heads", () => {
    fc.assert(
      fc.property(fc.array(round, { maxLength: 40 }), (results) => {
        const bytes = encodeSegment(results);
        const wanted = results.map(asHot);
        expect(decodeSegment(bytes)).toEqual(wanted);
        expect(decodeSegment(bytes, (id) => id === "mon_b")).toEqual(
          wanted.filter(({ monitorId }) => monitorId === "mon_b"),
        );
        const heads = decodeHeads(bytes);
        expect(heads).toHaveLength(results.length);
        for (const [index, head] of heads.entries()) expect(wanted[index]).toMatchObject(head);
      }),
      { numRuns: 100 },
    );
  });

  test("keeps times to the microsecond, and cuts what is no time", () => {
    const [kept] = decodeSegment(encodeSegment([aRound(T0, Verdict.HEALTHY, "", { durationMs: 12.3 })]));
    expect(kept?.durationMs).toBe(12.3);
    for (const [durationMs, wanted] of [
      [Number.NaN, 0],
      [-5, 0],
      [Infinity, 2 ** 48 / 1000],
    ] as const) {
      const odd = aRound(T0, Verdict.HEALTHY, "", { durationMs });
      expect(decodeSegment(encodeSegment([odd]))[0]?.durationMs).toBe(wanted);
    }
  });

  test("of a hundred monitors takes fewer than 40 bytes a round, names and addresses included", () => {
    const results = Array.from({ length: 100 }, (_, n) =>
      aRound(T0 + n * 7, Verdict.HEALTHY, "", {
        monitorId: `mon_${(n * 7919 * 104_729).toString(36).padStart(26, "0")}`,
        durationMs: 12 + n / 7,
      }),
    );
    expect(encodeSegment(results).length / results.length).toBeLessThan(40);
  });

  test("that is damaged or of a later version is refused with a RangeError", () => {
    const whole = encodeSegment([aRound(T0, Verdict.HEALTHY), aRound(T0 + EVERY_MS, Verdict.DOWN, "http_status")]);
    expect(() => decodeSegment(whole.with(0, 9))).toThrow("version 9");
    expect(() => decodeSegment(new Uint8Array())).toThrow(RangeError);
    expect(() => decodeSegment(whole.subarray(0, 30))).toThrow(RangeError);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        for (const version of [1, 2]) {
          try {
            decodeSegment(Uint8Array.of(version, ...noise));
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(Error);
          }
        }
      }),
    );
  });
});
