import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { dueSlot } from "./due-slot.ts";

const EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;
const NOON = 1_767_225_600_000;
const due = (slotMs: number, now: { nowMs: number; lastMs: number; ranMs?: number }, lateMs = 0) =>
  dueSlot({ slotMs, lateMs }, { ranMs: now.lastMs, ...now }, EVERY_MS, 0);

describe("the slot that is due", () => {
  test("is the one waited for, a little early or late as timers are", () => {
    for (const offMs of [-5, 0, 5]) {
      expect(due(NOON, { nowMs: NOON + offMs, lastMs: NOON - EVERY_MS })).toEqual({
        slotMs: NOON,
        missed: undefined,
        next: { slotMs: NOON + EVERY_MS, inMs: EVERY_MS - offMs },
      });
    }
  });

  test("after the process stood still is the newest, and those before it were missed for being late", () => {
    const lateMs = 4 * EVERY_MS + 10;
    expect(due(NOON, { nowMs: NOON + lateMs, lastMs: NOON - EVERY_MS }, lateMs)).toMatchObject({
      slotMs: NOON + 4 * EVERY_MS,
      missed: { firstMs: NOON, count: 4, reason: "late" },
    });
  });

  test("is not hidden by a round out of turn: slots missed before that one are missed", () => {
    const late = { nowMs: NOON + 4 * EVERY_MS, lastMs: NOON + 4 * EVERY_MS - 1, ranMs: NOON - EVERY_MS };
    expect(due(NOON, late, 4 * EVERY_MS)).toMatchObject({ missed: { firstMs: NOON, count: 4 } });
  });

  test("is missed where a round out of turn has a later name by then, and what runs instead is named after that", () => {
    const jumped = { nowMs: NOON + HOUR_MS + 20, lastMs: NOON + HOUR_MS + 10, ranMs: NOON - EVERY_MS };
    expect(due(NOON, jumped)).toMatchObject({
      slotMs: NOON + HOUR_MS + 11,
      missed: { firstMs: NOON, count: HOUR_MS / EVERY_MS + 1, reason: "clock_jumped" },
    });
  });

  test("after the clock was set forward is the newest, and those it jumped over were missed", () => {
    expect(due(NOON, { nowMs: NOON + HOUR_MS, lastMs: NOON - EVERY_MS })).toMatchObject({
      slotMs: NOON + HOUR_MS,
      missed: { firstMs: NOON, count: HOUR_MS / EVERY_MS, reason: "clock_jumped" },
    });
  });

  test("after the clock was set back is named after the last one, and comes in time", () => {
    expect(due(NOON, { nowMs: NOON - HOUR_MS, lastMs: NOON - EVERY_MS })).toEqual({
      slotMs: NOON - EVERY_MS + 1,
      missed: undefined,
      next: { slotMs: NOON - HOUR_MS + EVERY_MS, inMs: EVERY_MS },
    });
  });

  test("whatever is done to the clock, comes within two intervals, and no slot has two results or none", () => {
    const steps = fc.array(
      fc.record({
        jumpMs: fc.oneof(
          { weight: 4, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ min: -HOUR_MS, max: HOUR_MS }) },
        ),
        rate: fc.constantFrom(0.5, 1, 1, 1, 2),
        lateMs: fc.oneof({ weight: 4, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(HOUR_MS) }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.nat(EVERY_MS - 1), (turns, phaseMs) => {
        let nowMs = NOON;
        let next = { slotMs: NOON + phaseMs, inMs: phaseMs };
        let lastMs = next.slotMs - EVERY_MS;
        const known = new Set<number>();
        for (const { jumpMs, rate, lateMs } of turns) {
          expect(next.inMs).toBeLessThanOrEqual(2 * EVERY_MS);
          nowMs += Math.floor((next.inMs + lateMs) * rate) + jumpMs;
          const found = dueSlot({ slotMs: next.slotMs, lateMs }, { nowMs, lastMs, ranMs: lastMs }, EVERY_MS, phaseMs);
          for (let index = 0; index < (found.missed?.count ?? 0); index += 1) {
            const slotMs = (found.missed?.firstMs ?? 0) + index * EVERY_MS;
            expect(known.has(slotMs)).toBe(false);
            known.add(slotMs);
          }
          expect(found.slotMs).toBeGreaterThan(lastMs);
          known.add(found.slotMs);
          ({ next } = found);
          lastMs = found.slotMs;
        }
        const slots = [...known].filter((slotMs) => (slotMs - NOON - phaseMs) % EVERY_MS === 0);
        for (let slotMs = NOON + phaseMs; slotMs <= Math.max(...slots); slotMs += EVERY_MS)
          expect(known.has(slotMs)).toBe(true);
      }),
    );
  });
});
