import {
  CheckResult,
  EndpointResult,
  MonitorSpec,
  Nature,
  RepairAction,
  RepairMode,
  type RepairPolicy,
  Verdict,
} from "@sentinel/contracts";

/** An instant to count from in tests. */
export const T0 = Date.UTC(2026, 0, 1);
export const EVERY_MS = 30_000;

export const aRepairPolicy = (change: Partial<RepairPolicy> = {}): RepairPolicy => ({
  action: RepairAction.WAKE_UP,
  mode: RepairMode.AUTO,
  patienceMs: 30_000,
  cooldownMs: 60_000,
  hourlyCap: 3,
  ...change,
});

export const aSpec = (change: Partial<MonitorSpec> = {}): MonitorSpec => ({
  ...MonitorSpec.fromPartial({
    name: "shop",
    nature: Nature.TECHNICAL,
    endpoints: [{ url: "http://shop.test:8080/" }],
  }),
  everyMs: EVERY_MS,
  timeoutMs: 5000,
  failuresToConfirm: 2,
  successesToResolve: 1,
  slowAfterMs: 5000,
  ...change,
});

export const anEndpoint = (verdict: Verdict, reason = "", change: Partial<EndpointResult> = {}): EndpointResult => ({
  ...EndpointResult.fromPartial({ url: "http://shop.test:8080/", durationMs: 12 }),
  verdict,
  reason,
  ...change,
});

export const aRound = (
  slotMs: number,
  verdict: Verdict,
  reason = "",
  change: Partial<CheckResult> = {},
): CheckResult => ({
  ...CheckResult.fromPartial({ monitorId: "mon_1", region: "local", prober: "p1", durationMs: 12 }),
  slotMs,
  startedAtMs: verdict === Verdict.MISSED ? 0 : slotMs + 3,
  verdict,
  reason,
  endpoints: verdict === Verdict.MISSED ? [] : [anEndpoint(verdict, reason)],
  ...change,
});
