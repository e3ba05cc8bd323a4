import { expect, test } from "@jest/globals";
import { recheckInMs } from "./recheck.ts";

const spec = { everyMs: 30_000, failuresToConfirm: 2 };
const failed = { slotMs: 100_000, onDemand: false, rounds: 1 };

test("a first failure is looked at again half an interval after its slot, however long it took to fail", () => {
  expect(recheckInMs(failed, spec, 100_050)).toBe(14_950);
  expect(recheckInMs(failed, spec, 110_000)).toBe(5000);
  expect(recheckInMs(failed, spec, 116_000)).toBe(0);
});

test("what confirms already, was out of turn itself, or comes again soon is not looked at again", () => {
  expect(recheckInMs({ ...failed, rounds: 2 }, spec, 100_050)).toBeUndefined();
  expect(recheckInMs(failed, { ...spec, failuresToConfirm: 1 }, 100_050)).toBeUndefined();
  expect(recheckInMs({ ...failed, onDemand: true }, spec, 100_050)).toBeUndefined();
  expect(recheckInMs(failed, { ...spec, everyMs: 1000 }, 100_050)).toBeUndefined();
  expect(recheckInMs(failed, spec, 125_000)).toBeUndefined();
});
