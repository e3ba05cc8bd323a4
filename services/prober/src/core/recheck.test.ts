import { Verdict } from "@sentinel/contracts";
import { expect, test } from "@jest/globals";
import { patienceOf, recheckInMs } from "./recheck.ts";

const spec = { everyMs: 30_000, failuresToConfirm: 2 };
const down = { slotMs: 100_000, onDemand: false, rounds: 1, verdict: Verdict.DOWN };
const degraded = { ...down, verdict: Verdict.DEGRADED };

test("what is down for the first time is looked at again at once, however long it took to fail", () => {
  expect(recheckInMs(down, spec, 100_050)).toBe(1000);
  expect(recheckInMs(down, spec, 116_000)).toBe(1000);
  expect(recheckInMs(down, { ...spec, everyMs: 86_400_000 }, 100_050)).toBe(1000);
});

test("what is slow, or down in part, is looked at again half an interval after its slot", () => {
  expect(recheckInMs(degraded, spec, 100_050)).toBe(14_950);
  expect(recheckInMs(degraded, spec, 110_000)).toBe(5000);
  expect(recheckInMs(degraded, spec, 116_000)).toBe(0);
  expect(recheckInMs(degraded, spec, 125_000)).toBeUndefined();
});

test("what confirms already, was out of turn itself, or comes again soon is not looked at again", () => {
  for (const failed of [down, degraded]) {
    expect(recheckInMs({ ...failed, rounds: 2 }, spec, 100_050)).toBeUndefined();
    expect(recheckInMs(failed, { ...spec, failuresToConfirm: 1 }, 100_050)).toBeUndefined();
    expect(recheckInMs({ ...failed, onDemand: true }, spec, 100_050)).toBeUndefined();
    expect(recheckInMs(failed, { ...spec, everyMs: 1000 }, 100_050)).toBeUndefined();
    expect(recheckInMs(failed, spec, 129_500)).toBeUndefined();
  }
});

test("the second look at a silent target waits three times what is usual, and never longer than its timeout", () => {
  const silent = { reason: "timeout_in_first_byte" };
  const patience = (p95Ms: number) => patienceOf(silent, { timeoutMs: 10_000 }, { p95Ms, limitMs: 3 * p95Ms });
  expect([40, 900, 2000, 5000].map(patience)).toEqual([2500, 2700, 6000, 10_000]);
  expect(patienceOf(silent, { timeoutMs: 10_000 }, undefined)).toBe(10_000);
  expect(patienceOf({ reason: "status" }, { timeoutMs: 10_000 }, { p95Ms: 1, limitMs: 1000 })).toBe(10_000);
});
