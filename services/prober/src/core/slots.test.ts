import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { instantFor, freeInstant, missedSlots, nextSlot, phaseOf } from "./slots.ts";

const T0 = Date.UTC(2026, 0, 1);
const id = fc.string({ minLength: 1, maxLength: 30 });
/** From a second to a day. */
const everyMs = fc.integer({ min: 1000, max: 86_400_000 });
const instant = fc.integer({ min: T0, max: T0 + 10 * 86_400_000 });

describe("slots", () => {
  test("are fixed: whenever one looks, the same instants are due", () => {
    fc.assert(
      fc.property(id, everyMs, instant, fc.integer({ min: 0, max: 5_000_000 }), (monitor, every, from, later) => {
        const phase = phaseOf(monitor, every);
        const next = nextSlot(from, every, phase);
        expect(next).toBeGreaterThan(from);
        expect(next - from).toBeLessThanOrEqual(every);
        expect((next - phase) % every).toBe(0);
        expect((nextSlot(from + later, every, phase) - next) % every).toBe(0);
        expect(nextSlot(next, every, phase)).toBe(next + every);
        expect(nextSlot(next - 1, every, phase)).toBe(next);
      }),
    );
  });

  test("none is lost and none counted twice, however often the prober is interrupted", () => {
    fc.assert(
      fc.property(
        id,
        everyMs,
        instant,
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 20 }),
        (monitor, every, from, pauses) => {
          const phase = phaseOf(monitor, every);
          const first = nextSlot(from, every, phase);
          let last = from;
          let now = from;
          let count = 0;
          for (const pause of pauses) {
            now += pause;
            const missed = missedSlots(last, now, every, phase);
            if (missed === undefined) continue;
            expect(missed.firstMs).toBe(first + count * every);
            count += missed.count;
            last = missed.firstMs + (missed.count - 1) * every;
            expect(last).toBeLessThanOrEqual(now);
            expect(last + every).toBeGreaterThan(now);
          }
          expect(count).toBe(now < first ? 0 : Math.floor((now - first) / every) + 1);
        },
      ),
    );
  });

  test("of ten thousand monitors leave no 100 ms above twice the mean, whatever their ids look like", () => {
    const MONITORS = 10_000;
    const family = fc.record({ before: fc.string({ maxLength: 20 }), after: fc.string({ maxLength: 12 }) });
    const intervalMs = fc.integer({ min: 10, max: 300 }).map((each) => each * 100);
    fc.assert(
      fc.property(family, intervalMs, fc.constantFrom(10, 32, 36), ({ before, after }, every, radix) => {
        const buckets = new Uint32Array(every / 100);
        for (let n = 0; n < MONITORS; n += 1) {
          const bucket = Math.floor(phaseOf(`${before}${n.toString(radix).padStart(5, "0")}${after}`, every) / 100);
          buckets[bucket] = (buckets[bucket] ?? 0) + 1;
        }
        expect(Math.max(...buckets)).toBeLessThanOrEqual((2 * MONITORS) / buckets.length);
      }),
      { numRuns: 60 },
    );
  });

  test("of many monitors are spread evenly over the interval", () => {
    const every = 30_000;
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 1000; n += 1) {
      const phase = phaseOf(`mon_${n.toString(36).padStart(26, "0")}`, every);
      expect(phase).toBeGreaterThanOrEqual(0);
      expect(phase).toBeLessThan(every);
      const bucket = Math.floor(phase / 3000);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) {
      expect(count).toBeGreaterThan(60);
      expect(count).toBeLessThan(140);
    }
  });

  test("leave room: a round out of turn never takes an instant that is a slot or was used", () => {
    fc.assert(
      fc.property(id, everyMs, instant, fc.integer({ min: -2, max: 2 }), (monitor, every, now, ahead) => {
        const phase = phaseOf(monitor, every);
        for (const at of [now, nextSlot(now, every, phase)]) {
          const free = freeInstant(at + ahead, at, every, phase);
          expect(free).toBeGreaterThanOrEqual(at);
          expect(free).toBeGreaterThan(at + ahead);
          expect((free - phase) % every).not.toBe(0);
        }
      }),
    );
  });
});

test("records of missed slots have names of their own between the last round and the first slot, one for each number", () => {
  const names = Array.from({ length: 40 }, (_, index) => instantFor({ firstMs: 1000, count: index + 1 }, 960));
  expect(new Set(names).size).toBe(39);
  expect([Math.min(...names), Math.max(...names)]).toEqual([961, 999]);
  expect(instantFor({ firstMs: 1000, count: 3 }, 999)).toBe(1000);
});
