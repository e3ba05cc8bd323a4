import { CheckResult, EndpointResult, IncidentEvent, Verdict } from "@sentinel/contracts";
import { describe, expect, test } from "@jest/globals";
import { auditCoverage, type CoverageEvidence } from "./audit-coverage.ts";
import type { IncidentEventRow } from "./evidence.ts";
import type { Ledgers } from "./ledger.ts";

const T0 = Date.UTC(2026, 0, 1);
const SECOND = 1000;
const OPTIONS = { everyMs: 1000, failuresToConfirm: 2, cutMs: T0 + 600_000 };

interface Incident {
  readonly id: number;
  readonly of: string;
  readonly names?: readonly string[];
  readonly openedS: number;
  readonly resolvedS?: number;
}

const row = (incident: number, version: number, atS: number, event: IncidentEvent["event"]): IncidentEventRow => ({
  id: `e${incident}.${version}`,
  incident,
  version,
  atMs: T0 + atS * SECOND,
  event: { ...IncidentEvent.fromPartial({}), event },
});

function eventsOf({ id, of: monitorId, names = ["shop"], openedS, resolvedS }: Incident): readonly IncidentEventRow[] {
  const endpoints = names.map((url) => EndpointResult.fromPartial({ url }));
  const whole = IncidentEvent.fromPartial({
    event: {
      $case: "opened",
      value: { incidentId: id, monitorId, endpoints, region: "eu", startedAtMs: T0 + (openedS - 8) * SECOND },
    },
  });
  const opened = row(id, 1, openedS, whole.event);
  if (resolvedS === undefined) return [opened];
  const ended = IncidentEvent.fromPartial({ event: { $case: "resolved", value: {} } });
  return [opened, row(id, 2, resolvedS, ended.event)];
}

/** Rounds of the shop, each second but for those left out. */
const rounds = (fromS: number, untilS: number): readonly CheckResult[] =>
  Array.from({ length: untilS - fromS }, (_, n) => {
    const atMs = T0 + (fromS + n) * SECOND;
    return {
      ...CheckResult.fromPartial({ monitorId: "mon_1", slotMs: atMs, startedAtMs: atMs }),
      verdict: Verdict.HEALTHY,
    };
  });

function rulesOf(incidents: readonly Incident[], part: Partial<CoverageEvidence> = {}, seen: Partial<Ledgers> = {}) {
  const ledgers: Ledgers = {
    targets: [],
    deliveries: [],
    executors: 1,
    kills: [{ atMs: T0 + 100 * SECOND, what: "prober", prober: true, executor: false }],
    shifts: [],
    troubles: [],
    spooled: new Map(),
    ...seen,
  };
  const evidence = {
    monitors: [{ id: "mon_1", name: "shop" }],
    incidents: incidents.map(({ id, of: monitorId, resolvedS }) => ({ id, monitorId, open: resolvedS === undefined })),
    events: incidents.flatMap(eventsOf),
    checks: rounds(0, 300),
    claims: [],
    outbox: [],
    ...part,
  };
  return auditCoverage(evidence, ledgers, OPTIONS).map(({ rule }) => rule);
}

const SILENT: Incident = { id: 1, of: "sentinel/coverage/prober/eu/p", openedS: 110, resolvedS: 140 };

describe("an incident about ourselves", () => {
  test("after a kill that kept monitors from being seen is as it must be", () => {
    expect(rulesOf([SILENT], { checks: [...rounds(0, 100), ...rounds(140, 300)] })).toEqual([]);
  });

  test("without anything that was in the way is a false alarm", () => {
    expect(rulesOf([{ ...SILENT, openedS: 250, resolvedS: 260 }])).toEqual(["coverage-without-cause"]);
    expect(rulesOf([SILENT], {}, { kills: [] })).toEqual(["coverage-without-cause"]);
  });

  test("while another one tells of the same is one too many; of others, or later, it is none", () => {
    const nobody: Incident = { id: 2, of: "sentinel/coverage/nobody", openedS: 120, resolvedS: 140 };
    expect(rulesOf([SILENT, nobody])).toEqual(["coverage-doubled"]);
    expect(rulesOf([SILENT, { ...nobody, names: ["mail"] }])).toEqual([]);
    expect(rulesOf([SILENT, { ...nobody, openedS: 141, resolvedS: 142 }])).toEqual([]);
  });

  test("about what nobody knows is no incident of Sentinel's", () => {
    expect(rulesOf([{ ...SILENT, of: "mon_of_nobody" }])).toEqual(["incident-of-nobody"]);
    expect(rulesOf([{ ...SILENT, of: "sentinel" }])).toEqual([]);
  });

  test("is never repaired", () => {
    const claim = { attempt: 1, monitorId: SILENT.of, claimedAtMs: T0, deadlineMs: T0, finishedAtMs: T0 };
    expect(rulesOf([SILENT], { claims: [{ incident: 1, ...claim }] })).toEqual(["ourselves-repaired"]);
  });

  test("is told once to each channel, however often a message comes", () => {
    const message = { id: 1, kind: "notification", subject: "ops/1", attempts: 1, done: true };
    const told = (...ids: readonly string[]) => ({
      deliveries: ids.map((id) => ({ atMs: T0, channel: "ops", id, kind: "opened", possibleDuplicate: true })),
    });
    const outbox = [
      { ...message, key: "a" },
      { ...message, key: "b" },
    ];
    expect(rulesOf([SILENT], { outbox }, told("a", "a"))).toEqual([]);
    expect(rulesOf([SILENT], { outbox }, told("a", "b"))).toEqual(["told-twice"]);
  });
});

describe("a silence", () => {
  const checks = [...rounds(0, 100), ...rounds(140, 300)];
  test("that nobody was told of is found", () => {
    expect(rulesOf([], { checks })).toEqual(["silence-without-incident"]);
    expect(rulesOf([{ ...SILENT, names: ["mail"] }], { checks })).toEqual(["silence-without-incident"]);
  });

  test("that is short, or while those who notice were disturbed themselves, need not be told", () => {
    expect(rulesOf([], { checks: [...rounds(0, 100), ...rounds(110, 300)] })).toEqual([]);
    const troubles = [{ fromMs: T0 + 120 * SECOND, untilMs: T0 + 130 * SECOND }];
    expect(rulesOf([], { checks }, { troubles })).toEqual([]);
  });
});
