import { isDeepStrictEqual } from "node:util";
import { type CheckResult, Resolution, Verdict } from "@sentinel/contracts";
import { phaseOf } from "@sentinel/prober";
import { incident } from "../../services/incidents/src/core/incident.ts";
import type { IncidentState } from "../../services/incidents/src/core/types.ts";
import type { Evidence } from "./evidence.ts";
import { auditCoverage } from "./audit-coverage.ts";
import { auditEffects } from "./audit-effects.ts";
import { auditRequests } from "./audit-requests.ts";
import { checkId, type Ledgers, type Shift } from "./ledger.ts";
import { trueInstant } from "./shifts.ts";

/** Something that a correct log cannot hold. */
export interface Finding {
  /** Which promise is broken, in kebab case. */
  readonly rule: string;
  readonly detail: string;
}

export interface AuditOptions {
  /** How often each monitor is checked. */
  readonly everyMs: number;
  readonly failuresToConfirm: number;
  /** Requests after this instant may still be under way. */
  readonly cutMs: number;
  /** Results may come to the fold later than newer ones, as after a broker forgot: they are kept and change no state. */
  readonly late?: boolean;
}

/** Compares the log with itself and with what the world outside saw; nothing found means nothing lost and nothing doubled. */
export function audit(evidence: Evidence, ledgers: Ledgers, options: AuditOptions): readonly Finding[] {
  return [
    ...chain(evidence),
    ...streams(evidence),
    ...incidents(evidence, ledgers),
    ...checkRows(evidence, options),
    ...probingGoesOn(evidence, options),
    ...sums(evidence),
    ...leftOpen(evidence),
    ...outages(evidence, ledgers, options),
    ...auditCoverage(evidence, ledgers, options),
    ...auditEffects(evidence, ledgers),
    ...auditRequests(evidence, ledgers, options.cutMs),
  ];
}

function chain({ verified: { damage } }: Evidence): Finding[] {
  if (damage === undefined) return [];
  const { problem, part, gpos, stream } = damage;
  return [{ rule: `log-${problem}`, detail: `partition ${part}, position ${gpos} ${stream}` }];
}

/** Versions of a stream count from 1 without gaps. */
function streams({ events }: Evidence): Finding[] {
  const found: Finding[] = [];
  for (const [id, stream] of Map.groupBy(events, (event) => event.incident)) {
    const versions = stream.map((event) => event.version);
    if (versions.some((version, index) => version !== index + 1)) {
      found.push({ rule: "stream-gap", detail: `incident-${id} has versions ${versions.join(", ")}` });
    }
  }
  return found;
}

function incidents(evidence: Evidence, { shifts }: Ledgers): Finding[] {
  const found: Finding[] = [];
  const folded = foldAll(evidence);
  for (const { id, monitorId, open, state } of evidence.incidents) {
    const fold = folded.get(id);
    if (fold === undefined) found.push({ rule: "incident-without-events", detail: `incident ${id}` });
    else if (!isDeepStrictEqual(plain(fold), plain(state)) || open !== (state.resolvedAtMs === 0)) {
      found.push({
        rule: "incident-not-fold",
        detail: `incident ${id} is not what its events say: ${differing(plain(fold), plain(state))}`,
      });
    }
    if (fold !== undefined && fold.monitorId !== monitorId) {
      found.push({ rule: "incident-not-fold", detail: `incident ${id} is of another monitor` });
    }
  }
  const known = new Set(evidence.incidents.map(({ id }) => id));
  for (const id of folded.keys()) {
    if (!known.has(id)) found.push({ rule: "incident-lost", detail: `events of incident ${id} have no row` });
  }
  const open = evidence.incidents.filter((each) => each.open);
  for (const [monitorId, mine] of Map.groupBy(open, (each) => each.monitorId)) {
    if (mine.length > 1) {
      found.push({ rule: "two-open-incidents", detail: `${monitorId}: ${mine.map(({ id }) => id).join(", ")}` });
    }
  }
  return [...found, ...overlaps(evidence, shifts)];
}

/** No two incidents of a monitor are open at the same time, at any moment of the run. */
function overlaps({ events, incidents }: Evidence, shifts: readonly Shift[]): Finding[] {
  const monitorOf = new Map(incidents.map(({ id, monitorId }) => [id, monitorId]));
  const openOf = new Map<string, number>();
  const found: Finding[] = [];
  for (const { incident: id, event } of inTrueOrder(events, shifts)) {
    const monitor = monitorOf.get(id) ?? "";
    const open = openOf.get(monitor);
    switch (event.event?.$case) {
      case "opened":
      case "reopened":
        if (open !== undefined)
          found.push({ rule: "two-open-incidents", detail: `${monitor}: ${id} while ${open} was open` });
        openOf.set(monitor, id);
        break;
      case "resolved":
        openOf.delete(monitor);
        break;
      default:
    }
  }
  return found;
}

/** Their instants are of a clock that may have been wrong; the order within an incident is certain. */
function inTrueOrder(events: Evidence["events"], shifts: readonly Shift[]): Evidence["events"] {
  const timed = [...Map.groupBy(events, ({ incident }) => incident).values()].flatMap((stream) => {
    let latest = 0;
    return stream.map((each) => {
      latest = Math.max(latest, trueInstant(each.atMs, "incidents", shifts));
      return { each, trueMs: latest };
    });
  });
  timed.sort((a, b) => a.trueMs - b.trueMs || a.each.incident - b.each.incident || a.each.version - b.each.version);
  return timed.map(({ each }) => each);
}

function foldAll({ events }: Evidence): ReadonlyMap<number, IncidentState> {
  const states = new Map<number, IncidentState>();
  for (const { incident: id, event, atMs } of events) {
    states.set(id, incident.evolve(states.get(id) ?? incident.initial, { event, atMs }));
  }
  return states;
}

/** As JSON keeps it; what a decoder notes beside a message is no part of it. */
const plain = (state: IncidentState): Record<string, unknown> =>
  JSON.parse(JSON.stringify(state, (key, value: unknown) => (key === "_unknownFields" ? undefined : value)));

const differing = (fold: Record<string, unknown>, kept: Record<string, unknown>): string =>
  [...new Set([...Object.keys(fold), ...Object.keys(kept)])]
    .filter((key) => !isDeepStrictEqual(fold[key], kept[key]))
    .map((key) => `${key} ${JSON.stringify(fold[key])} is kept as ${JSON.stringify(kept[key])}`)
    .join("; ");

function checkRows({ checks, doubled, monitors }: Evidence, { everyMs }: AuditOptions): Finding[] {
  const found: Finding[] = [];
  const seen = Map.groupBy(checks, checkId);
  const twice = [...seen].filter(([, same]) => same.length > 1).map(([id]) => id);
  for (const id of new Set([...doubled, ...twice])) found.push({ rule: "check-doubled", detail: id });
  for (const { id, name } of monitors) {
    const mine = checks.filter((each) => each.monitorId === id);
    const lost = lostSlots(mine, everyMs, phaseOf(id, everyMs));
    if (lost.length > 0)
      found.push({ rule: "slot-lost", detail: `${name}: ${lost.map((at) => besideOf(at, mine)).join(", ")}` });
  }
  return found;
}

const BESIDE_MS = 3000;

/** The slot, and what the log has around it. */
function besideOf(slotMs: number, checks: readonly CheckResult[]): string {
  const near = checks.filter((each) => Math.abs(each.slotMs - slotMs) <= BESIDE_MS);
  const beside = near.map((each) => {
    const missed = each.verdict === Verdict.MISSED ? ` ${each.missedSlots} until ${clock(each.missedUntilMs)}` : "";
    return `${clock(each.slotMs)} ${each.verdict.replace("VERDICT_", "")}${missed}${each.onDemand ? " asked for" : ""}`;
  });
  return `${clock(slotMs)} (beside it ${beside.join("; ")})`;
}

/** Each monitor is still checked, and nothing was noted for a time that is not there yet. */
function probingGoesOn({ checks, monitors }: Evidence, { everyMs, cutMs }: AuditOptions): Finding[] {
  const found: Finding[] = [];
  for (const { id, name } of monitors) {
    const newestMs = Math.max(0, ...checks.filter((each) => each.monitorId === id).map(({ slotMs }) => slotMs));
    if (newestMs < cutMs - 3 * everyMs) {
      found.push({ rule: "probing-stopped", detail: `${name}: nothing after ${clock(newestMs)}` });
    }
    if (newestMs > cutMs + LATEST_MS) {
      found.push({ rule: "check-of-the-future", detail: `${name}: ${clock(newestMs)}` });
    }
  }
  return found;
}

/** What is audited was read at most this long after the cut. */
const LATEST_MS = 60_000;

/** Slots between the first and the last result that neither a result nor a record of missed slots covers. */
export function lostSlots(checks: readonly CheckResult[], everyMs: number, phaseMs: number): readonly number[] {
  const covered = new Set<number>();
  for (const check of checks) {
    // A record of missed slots is named by no slot, and says which one was the last.
    const [lastMs, count] =
      check.verdict === Verdict.MISSED ? [check.missedUntilMs, Math.max(1, check.missedSlots)] : [check.slotMs, 1];
    for (let i = 0; i < count; i += 1) covered.add(lastMs - i * everyMs);
  }
  const onPhase = [...covered].filter((slot) => slot % everyMs === phaseMs).toSorted((a, b) => a - b);
  const last = onPhase.at(-1) ?? 0;
  const lost: number[] = [];
  for (let slot = onPhase[0] ?? last; slot < last; slot += everyMs) if (!covered.has(slot)) lost.push(slot);
  return lost;
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

/** Totals are what the rows and events add up to. */
function sums({ checks, events, uptime, totals, deadLetters }: Evidence): Finding[] {
  const found: Finding[] = [];
  const compare = (rule: string, kept: number, counted: number): void => {
    if (kept !== counted) found.push({ rule, detail: `kept ${kept}, counted ${counted}` });
  };
  const count = (verdict: Verdict): number => checks.filter((each) => each.verdict === verdict).length;
  const missed = checks.filter((each) => each.verdict === Verdict.MISSED);
  compare("totals-checks", totals.checks, checks.length - missed.length);
  compare("uptime-healthy", uptime.healthy, count(Verdict.HEALTHY));
  compare("uptime-degraded", uptime.degraded, count(Verdict.DEGRADED));
  compare("uptime-down", uptime.down, count(Verdict.DOWN));
  compare("uptime-unknown", uptime.unknown, count(Verdict.UNKNOWN));
  compare(
    "uptime-missed",
    uptime.missed,
    missed.reduce((sum, each) => sum + Math.max(1, each.missedSlots), 0),
  );
  const cases = events.map(({ event }) => event.event);
  compare("totals-incidents", totals.incidents, cases.filter((each) => each?.$case === "opened").length);
  const fixed = cases.filter((each) => each?.$case === "resolved" && each.value.resolution === Resolution.AUTO_FIX);
  compare("totals-auto-fixes", totals.autoFixes, fixed.length);
  return [...found, ...deadLetters.map((detail) => ({ rule: "dead-letter", detail }))];
}

/** Once it is quiet every target works, so nothing may be open. */
function leftOpen({ incidents, states, monitors }: Evidence): Finding[] {
  const open = incidents.filter((each) => each.open);
  const found = open.map(({ id }) => ({ rule: "open-although-healthy", detail: `incident ${id}` }));
  for (const { id, name } of monitors) {
    const believed = states.get(id)?.openIncidentId ?? 0;
    const real = open.find((each) => each.monitorId === id)?.id ?? 0;
    if (believed !== real) {
      found.push({ rule: "monitor-state-wrong", detail: `${name} believes ${believed} to be open, it is ${real}` });
    }
  }
  return found;
}

/** Each long run of failing rounds has an incident that covers it, and each incident has failing rounds behind it. */
function outages(
  { checks, incidents, monitors, events }: Evidence,
  { shifts }: Ledgers,
  { failuresToConfirm, late = false }: AuditOptions,
): Finding[] {
  const found: Finding[] = [];
  for (const { id: monitorId, name } of monitors) {
    const judged = checks.filter(
      (each) => each.monitorId === monitorId && each.verdict !== Verdict.MISSED && each.verdict !== Verdict.UNKNOWN,
    );
    const spans = incidents
      .filter((each) => each.monitorId === monitorId)
      .flatMap(({ id }) => spansOf(events, id, shifts));
    for (const run of failingRuns(judged)) {
      const from = run[0]?.slotMs ?? 0;
      const until = run.at(-1)?.slotMs ?? 0;
      const covered = spans.some((span) => span.fromMs <= until && span.untilMs >= from);
      if (!late && run.length >= 2 * failuresToConfirm && !covered) {
        found.push({
          rule: "outage-without-incident",
          detail: `${name}: ${run.length} failing rounds from ${clock(from)}`,
        });
      }
    }
    for (const { fromMs, untilMs, flapped } of spans) {
      const behind = judged.filter(
        ({ slotMs, verdict }) => verdict !== Verdict.HEALTHY && slotMs >= fromMs && slotMs <= untilMs,
      );
      const wentUpAndDown = flapped && changesBefore(judged, behind[0]) >= CHANGES_OF_FLAPPING;
      if (behind.length < failuresToConfirm && !wentUpAndDown) {
        found.push({
          rule: "incident-without-outage",
          detail: `${name}: ${behind.length} failing rounds from ${clock(fromMs)}${flapped ? ", flapping" : ""}`,
        });
      }
    }
  }
  return found;
}

/** The fewest changes of 20 rounds that are 30 % by weight, all of them the newest. */
const CHANGES_OF_FLAPPING = 5;

/** How often it began or ceased to work within the 20 rounds that end with this one. */
function changesBefore(judged: readonly CheckResult[], last: CheckResult | undefined): number {
  const rounds = judged.filter(({ slotMs }) => last !== undefined && slotMs <= last.slotMs).slice(-20);
  const failing = rounds.map(({ verdict }) => verdict !== Verdict.HEALTHY);
  return failing.filter((each, at) => at > 0 && each !== failing[at - 1]).length;
}

interface Span {
  readonly fromMs: number;
  untilMs: number;
  /** It counted as going up and down, for which one failing round is enough. */
  flapped: boolean;
}

/** Each time the incident was open: rounds say when it began, and the clock of the service when it was resolved. */
function spansOf(events: Evidence["events"], id: number, shifts: readonly Shift[]): Span[] {
  const spans: Span[] = [];
  for (const { incident: mine, event, atMs } of events) {
    if (mine !== id) continue;
    if (event.event?.$case === "opened" || event.event?.$case === "reopened") {
      spans.push({ fromMs: event.event.value.startedAtMs, untilMs: Number.POSITIVE_INFINITY, flapped: false });
    }
    const last = spans.at(-1);
    if (event.event?.$case === "flappingStarted" && last !== undefined) last.flapped = true;
    if (event.event?.$case === "resolved" && last !== undefined) last.untilMs = trueInstant(atMs, "incidents", shifts);
  }
  return spans;
}

function failingRuns(judged: readonly CheckResult[]): readonly CheckResult[][] {
  const runs: CheckResult[][] = [[]];
  for (const each of judged) {
    if (each.verdict === Verdict.HEALTHY) runs.push([]);
    else runs.at(-1)?.push(each);
  }
  return runs.filter((run) => run.length > 0);
}
