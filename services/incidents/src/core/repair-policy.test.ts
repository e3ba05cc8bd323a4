import { describe, expect, test } from "@jest/globals";
import { type Diagnosis, RepairAction, RepairMode, type RepairPolicy, Severity } from "@sentinel/contracts";
import { aRepairPolicy, aSpec, T0 } from "./fixtures.ts";
import { chooseRepair } from "./repair-policy.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const diagnosisOf = (issue: string): Diagnosis => ({
  rule: "r",
  issue,
  cause: "c",
  severity: Severity.HIGH,
  recommendations: [],
  params: {},
});

const facts = (
  policy: Partial<RepairPolicy> | undefined,
  change: Partial<Parameters<typeof chooseRepair>[0]> = {},
) => ({
  spec: aSpec({ repair: policy === undefined ? undefined : aRepairPolicy(policy) }),
  diagnosis: diagnosisOf("unreachable"),
  attempt: 1,
  repairUnderWay: false,
  repairsAtMs: [],
  repairsThisHour: 0,
  atMs: T0,
  ...change,
});

describe("a repair is made", () => {
  test("when the policy is automatic and no rail stands in the way", () => {
    expect(chooseRepair(facts({ patienceMs: 20_000 }))).toEqual({
      type: "repair",
      action: RepairAction.WAKE_UP,
      patienceMs: 20_000,
      deadlineMs: T0 + 20_000,
      usedThisHour: 1,
    });
  });

  test("with a patience of 30 s at most", () => {
    expect(chooseRepair(facts({ patienceMs: 300_000 }))).toMatchObject({ patienceMs: 30_000, deadlineMs: T0 + 30_000 });
  });

  test("again once the cooldown is over, and its number in the hour is told", () => {
    const choice = chooseRepair(facts({}, { repairsAtMs: [T0 - 50 * MINUTE_MS, T0 - MINUTE_MS] }));
    expect(choice).toMatchObject({ type: "repair", usedThisHour: 3 });
  });

  test("again once an hour has passed since the first of a full hour", () => {
    const repairsAtMs = [T0 - HOUR_MS, T0 - 40 * MINUTE_MS, T0 - 20 * MINUTE_MS];
    expect(chooseRepair(facts({}, { repairsAtMs }))).toMatchObject({ type: "repair", usedThisHour: 3 });
  });
});

describe("a repair is withheld, and the reason is told", () => {
  test.each([
    ["an error 500 is not mended by a knock", {}, { diagnosis: diagnosisOf("server_error") }, "not_applicable", {}],
    ["a knock would not help", {}, { diagnosis: diagnosisOf("certificate_invalid") }, "not_applicable", {}],
    ["it is only observed", { mode: RepairMode.OBSERVE }, {}, "observe", {}],
    ["it is on trial", { mode: RepairMode.DRY_RUN }, {}, "dry_run", {}],
    ["another one is under way", {}, { repairUnderWay: true }, "one_at_a_time", {}],
    ["the last was a moment ago", {}, { repairsAtMs: [T0 - 45_000] }, "cooldown", { readyInMs: "15000" }],
    [
      "its hour is full",
      {},
      { repairsAtMs: [T0 - 50 * MINUTE_MS, T0 - 40 * MINUTE_MS, T0 - 2 * MINUTE_MS] },
      "hourly_cap",
      { cap: "3" },
    ],
    ["everybody's hour is full", {}, { repairsThisHour: 60 }, "global_cap", { cap: "60" }],
  ])("because %s", (_why, policy, change, reason, params) => {
    expect(chooseRepair(facts(policy, change))).toEqual({
      type: "withhold",
      action: RepairAction.WAKE_UP,
      reason,
      params,
    });
  });
});

describe("nothing is said of repairs", () => {
  test.each([
    ["no policy", undefined],
    ["a policy that is off", { mode: RepairMode.OFF }],
    ["a policy without a mode", { mode: RepairMode.UNSPECIFIED }],
  ])("with %s", (_what, policy) => {
    expect(chooseRepair(facts(policy))).toEqual({ type: "nothing" });
  });
});
