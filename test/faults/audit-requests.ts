import type { CheckResult } from "@sentinel/contracts";
import type { Finding } from "./auditor.ts";
import type { Evidence } from "./evidence.ts";
import { type Answered, checkId, type Ledgers, type Shift, wasRun } from "./ledger.ts";
import { readings } from "./shifts.ts";

/**
 * Between the instant that a round notes and the one that its target notes lie the way, which the round measures, and
 * what a busy machine adds. Less than between two rounds, or a lost one would hide behind the next.
 */
const SLACK_MS = 500;
/** A result is on disk at the latest this long after its target has answered; one under way when killed may be lost. */
const UNDER_WAY_MS = 2000;
/** Rounds of one monitor that can be under way at once: its slot and one out of turn, beside what was asked right before. */
const AT_ONCE = 3;

/** What the targets answered against the check log, and what was on the prober's disk against the check log. */
export function auditRequests(evidence: Evidence, ledgers: Ledgers, cutMs: number): readonly Finding[] {
  const found: Finding[] = [];
  const rows = new Map(evidence.checks.map((each) => [checkId(each), each]));
  for (const [id, spooled] of ledgers.spooled) {
    const row = rows.get(id);
    if (row === undefined) found.push({ rule: "acknowledged-lost", detail: id });
    else if (row.verdict !== spooled.verdict || row.startedAtMs !== spooled.startedAtMs) {
      found.push({ rule: "acknowledged-changed", detail: id });
    }
  }
  for (const { name, answered } of ledgers.targets) {
    const id = evidence.monitors.find((monitor) => monitor.name === name)?.id;
    const mine = evidence.checks.filter((each) => each.monitorId === id && wasRun(each));
    const probes = answered.filter((each) => !each.knock && each.atMs < cutMs);
    found.push(...compare(name, probes, mine, ledgers));
  }
  return found;
}

function compare(name: string, probes: readonly Answered[], rows: readonly CheckResult[], ledgers: Ledgers): Finding[] {
  const found: Finding[] = [];
  const free = new Set(probes);
  const inTime = rows.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  for (const row of inTime) {
    const status = row.endpoints[0]?.status ?? 0;
    if (status === 0) continue;
    const asked = [...free].find((each) => each.status === status && isOf(row, each, ledgers.shifts));
    if (asked !== undefined) free.delete(asked);
    else if (row.startedAtMs < (probes.at(-1)?.atMs ?? 0)) {
      found.push({ rule: "result-never-asked", detail: `${name}: slot ${new Date(row.slotMs).toISOString()}` });
    }
  }
  // A round that gave up before the answer came says so, and knows no status.
  const unanswered = inTime.filter((row) => (row.endpoints[0]?.status ?? 0) === 0);
  const excuses = ledgers.kills.filter((kill) => kill.prober).map(({ atMs }) => ({ atMs, left: AT_ONCE }));
  for (const asked of free) {
    const late = unanswered.some((row) => isOf(row, asked, ledgers.shifts));
    const kill = excuses.find(
      ({ atMs, left }) => left > 0 && atMs >= asked.atMs - 50 && atMs <= asked.atMs + UNDER_WAY_MS,
    );
    if (kill !== undefined && !late) kill.left -= 1;
    if (!late && kill === undefined) {
      found.push({
        rule: "answer-lost",
        detail: `${name} answered ${asked.status} at ${new Date(asked.atMs).toISOString()}`,
      });
    }
  }
  return found;
}

/** More than that a clock was set; less, and it went slow or fast. */
const SET_MS = 5000;

/** The prober names no round by a clock that was set; of one that goes slow it cannot know. */
const isOf = (row: CheckResult, { atMs }: Answered, shifts: readonly Shift[]): boolean =>
  readings(
    row.startedAtMs,
    "prober",
    shifts.filter(({ offsetMs }) => Math.abs(offsetMs) < SET_MS),
  ).some((startedAtMs) => atMs >= startedAtMs - 5 && atMs <= startedAtMs + row.durationMs + SLACK_MS);
