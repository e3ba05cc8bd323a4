import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import {
  decodeHistogram,
  encodeHistogram,
  histogramOf,
  mergeHistograms,
  percentileOf,
  RELATIVE_ERROR,
  samplesIn,
} from "./histogram.ts";

const durations = fc.array(
  fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 86_400_000, noNaN: true })),
  { minLength: 1, maxLength: 300 },
);

/** The sample of that rank, exactly. */
function exact(samples: readonly number[], p: number): number {
  const rank = Math.max(1, Math.ceil((p / 100) * samples.length));
  return samples.toSorted((a, b) => a - b)[rank - 1] ?? Number.NaN;
}

describe("a histogram of durations", () => {
  test("promises an error of at most 2 %", () => expect(RELATIVE_ERROR).toBeLessThanOrEqual(0.02));

  test("gives any percentile within that error of the sample of that rank", () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 100, noNaN: true }), (samples, p) => {
        const [found, wanted] = [percentileOf(histogramOf(samples), p) ?? Number.NaN, exact(samples, p)];
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(wanted * RELATIVE_ERROR + 0.001);
      }),
      { numRuns: 1000 },
    );
  });

  test("merged from parts is the histogram of the whole, in any order", () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const whole = histogramOf([...a, ...b]);
        expect(mergeHistograms([histogramOf(a), histogramOf(b)])).toEqual(whole);
        expect(mergeHistograms([histogramOf(b), histogramOf(a)])).toEqual(whole);
        expect(samplesIn(whole)).toBe(a.length + b.length);
      }),
    );
  });

  test("comes back from its bytes, two or three of them per bucket", () => {
    fc.assert(
      fc.property(durations, (samples) => {
        const histogram = histogramOf(samples);
        const bytes = encodeHistogram(histogram);
        expect(decodeHistogram(bytes)).toEqual(histogram);
        expect(bytes.length).toBeLessThanOrEqual(1 + 4 * histogram.size);
      }),
    );
  });

  test("without samples has no percentile", () => expect(percentileOf(histogramOf([]), 50)).toBeUndefined());

  test("of a later version, or cut short, is refused", () => {
    expect(() => decodeHistogram(Uint8Array.of(7))).toThrow("version 7");
    expect(() => decodeHistogram(Uint8Array.of(1, 200))).toThrow(RangeError);
  });
});
