import { type CheckResult, Verdict } from "@sentinel/contracts";
import type { AuditOptions, Finding } from "./auditor.ts";
import type { Evidence } from "./evidence.ts";
import type { Ledgers } from "./ledger.ts";
import { trueInstant } from "./shifts.ts";

/** Incidents about Sentinel itself belong to these names, which no monitor has. */
const OURSELVES = "sentinel";
const COVERAGE = "sentinel/coverage/";

/** Two intervals, the timeout, the way to the fold and two looks: no silence is noticed earlier, none of a sound system later. */
const LEAST_MS = 5000;
const MOST_MS = 12_000;
/** After a fault parts start again and find each other, on a busy machine. */
const AFTERMATH_MS = 45_000;

/** An incident about monitors that nobody saw, each time that it was open. */
interface Told {
  readonly id: number;
  readonly group: string;
  readonly region: string;
  readonly names: readonly string[];
  readonly sinceMs: number;
  readonly openedMs: number;
  untilMs: number;
}

/** What is looked at for that. */
export interface CoverageEvidence extends Pick<Evidence, "events" | "monitors" | "checks" | "claims" | "outbox"> {
  readonly incidents: readonly Pick<Evidence["incidents"][number], "id" | "monitorId">[];
}

/** Incidents about ourselves: each has a cause and is the only one of it, none is repaired, and no silence goes untold. */
export function auditCoverage(evidence: CoverageEvidence, ledgers: Ledgers, options: AuditOptions): readonly Finding[] {
  const told = coverageOf(evidence, ledgers);
  return [
    ...ofNobody(evidence),
    ...doubled(told),
    ...withoutCause(told, ledgers),
    ...untold(evidence, ledgers, told, options),
    ...repaired(evidence),
    ...toldTwice(evidence, ledgers),
  ];
}

const isOurs = (monitorId: string): boolean => monitorId === OURSELVES || monitorId.startsWith(COVERAGE);

function ofNobody({ incidents, monitors }: CoverageEvidence): Finding[] {
  const known = new Set(monitors.map(({ id }) => id));
  return incidents
    .filter(({ monitorId }) => !known.has(monitorId) && !isOurs(monitorId))
    .map(({ id, monitorId }) => ({ rule: "incident-of-nobody", detail: `incident ${id} of ${monitorId}` }));
}

function coverageOf({ events, incidents }: CoverageEvidence, { shifts }: Ledgers): readonly Told[] {
  const monitorOf = new Map(incidents.map(({ id, monitorId }) => [id, monitorId]));
  const told: Told[] = [];
  for (const { incident: id, event, atMs } of events) {
    const group = monitorOf.get(id) ?? "";
    if (!group.startsWith(COVERAGE)) continue;
    const openedMs = trueInstant(atMs, "incidents", shifts);
    if (event.event?.$case === "opened") {
      const { endpoints, region, startedAtMs } = event.event.value;
      const names = endpoints.map(({ url }) => url);
      told.push({ id, group, region, names, sinceMs: startedAtMs, openedMs, untilMs: Number.POSITIVE_INFINITY });
    }
    const last = told.findLast((each) => each.id === id);
    if (event.event?.$case === "resolved" && last !== undefined) last.untilMs = openedMs;
  }
  return told;
}

/** One silence is one incident, whatever was restarted meanwhile. */
function doubled(told: readonly Told[]): Finding[] {
  return told.flatMap((one, index) =>
    told.slice(index + 1).flatMap((other) => {
      const both = other.openedMs < one.untilMs && one.openedMs < other.untilMs;
      const region = one.region === other.region || one.region === "" || other.region === "";
      const names = one.names.filter((name) => other.names.includes(name));
      if (!both || !region || names.length === 0) return [];
      const groups = [one, other].map(({ id, group }) => `${id} (${group})`).join(" and ");
      return [{ rule: "coverage-doubled", detail: `${groups} tell of ${names.join(", ")} at the same time` }];
    }),
  );
}

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

const faultsOf = ({ kills, shifts, troubles }: Ledgers): readonly Span[] => [
  ...kills.map(({ atMs }) => ({ fromMs: atMs, untilMs: atMs })),
  ...shifts,
  ...troubles,
];

/** Nothing of ours was disturbed, and still somebody was told that nobody watches. */
function withoutCause(told: readonly Told[], ledgers: Ledgers): Finding[] {
  const faults = faultsOf(ledgers);
  return told
    .filter(
      ({ openedMs }) => !faults.some((each) => each.fromMs <= openedMs && each.untilMs >= openedMs - AFTERMATH_MS),
    )
    .map(({ id, group, names }) => ({
      rule: "coverage-without-cause",
      detail: `incident ${id} (${group}) of ${names.join(", ")}`,
    }));
}

/** A monitor that nobody judged for long, while those who notice were well, has an incident. */
function untold(
  { checks, monitors }: CoverageEvidence,
  { kills, shifts, troubles }: Ledgers,
  told: readonly Told[],
  { everyMs }: AuditOptions,
): Finding[] {
  // What disturbs the prober alone is what is to be noticed.
  const deaf: readonly Span[] = [
    ...kills
      .filter(({ what }) => what !== "prober")
      .map(({ atMs }) => ({ fromMs: atMs, untilMs: atMs + AFTERMATH_MS })),
    ...shifts,
    ...troubles,
  ];
  const found: Finding[] = [];
  for (const { id, name } of monitors) {
    const seen = checks.filter((each) => each.monitorId === id && isJudged(each)).map(({ startedAtMs }) => startedAtMs);
    const inTime = seen.toSorted((a, b) => a - b);
    for (const [index, fromMs] of inTime.entries()) {
      const untilMs = inTime[index + 1] ?? fromMs;
      if (untilMs - fromMs <= 2 * everyMs + MOST_MS) continue;
      if (deaf.some((each) => each.fromMs <= untilMs && each.untilMs >= fromMs)) continue;
      const isTold = told.some(
        (each) => each.openedMs >= fromMs + LEAST_MS && each.openedMs <= untilMs && each.names.includes(name),
      );
      if (isTold) continue;
      const detail = `${name}: nobody looked from ${clock(fromMs)} to ${clock(untilMs)}`;
      found.push({ rule: "silence-without-incident", detail });
    }
  }
  return found;
}

const isJudged = ({ verdict }: Pick<CheckResult, "verdict">): boolean =>
  verdict !== Verdict.MISSED && verdict !== Verdict.UNKNOWN;

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

/** Nobody knocks at Sentinel to wake it up. */
function repaired({ claims, events, incidents }: CoverageEvidence): Finding[] {
  const ours = new Set(incidents.filter(({ monitorId }) => isOurs(monitorId)).map(({ id }) => id));
  const asked = events.filter(({ incident, event }) => ours.has(incident) && event.event?.$case === "repairRequested");
  const all = [...claims.filter((each) => ours.has(each.incident)), ...asked].map(({ incident }) => incident);
  return [...new Set(all)].map((id) => ({ rule: "ourselves-repaired", detail: `incident ${id}` }));
}

/** Of each opening and each end a channel hears one message, though it may come twice. */
function toldTwice({ events, outbox }: CoverageEvidence, { deliveries }: Ledgers): Finding[] {
  const happened = new Map<string, number>();
  const count = (key: string): void => void happened.set(key, (happened.get(key) ?? 0) + 1);
  for (const { incident, event } of events) {
    const what = event.event?.$case;
    if (what === "opened" || what === "reopened") count(`${incident} opened`);
    if (what === "resolved") count(`${incident} resolved`);
  }
  const found: Finding[] = [];
  const kinds = new Map(deliveries.map(({ id, kind }) => [id, kind]));
  const rows = outbox.filter(({ kind }) => kind === "notification");
  for (const [subject, mine] of Map.groupBy(rows, (row) => row.subject)) {
    const incident = subject.slice(subject.lastIndexOf("/") + 1);
    for (const kind of ["opened", "resolved"]) {
      const messages = mine.filter(({ key }) => kinds.get(key) === kind).length;
      const times = happened.get(`${incident} ${kind}`) ?? 0;
      if (messages > times) {
        found.push({ rule: "told-twice", detail: `${subject}: ${messages} messages of ${times} times ${kind}` });
      }
    }
  }
  return found;
}
