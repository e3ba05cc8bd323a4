import type { Violation } from "../invariants.ts";
import type { GrantedClaim } from "../sim-store.ts";
import type { World } from "../world.ts";
import { logOf } from "./log.ts";

const HOUR_MS = 3_600_000;
/** A process may stand still between its claim and its knocks; the last knock ends after its patience. */
const SLACK_MS = 300_000;
/** Between two knocks of one wake-up. */
const AGAIN_MS = 1000;

/** Each repair was started once, by whoever holds its claim, and knocked at the door as one series. */
export function auditRepairs(world: World): readonly Violation[] {
  const started = [...logOf(world).incidents.values()].flat().flatMap(({ incidentId, event: { event } }) => {
    return event?.$case === "repairStarted" ? [`${incidentId} ${event.value.attempt} ${event.value.executor}`] : [];
  });
  const { claims } = world.store;
  const claimed = new Set(claims.map(({ incidentId, attempt, executor }) => `${incidentId} ${attempt} ${executor}`));
  const attempts = started.map((each) => each.split(" ").slice(0, 2).join(" "));
  const violations: Violation[] = [];
  const doubled = attempts.find((each, index) => attempts.indexOf(each) !== index);
  if (doubled !== undefined) violations.push({ rule: "a repair starts once", what: doubled });
  for (const each of started)
    if (!claimed.has(each)) violations.push({ rule: "no repair without its claim", what: each });
  if (started.length < claims.length) {
    violations.push({ rule: "no claim without its event", what: `${claims.length} claims, ${started.length} started` });
  }
  return [...violations, ...knocksAreClaimed(world)];
}

/** Each knock belongs to a claim of its process, and the knocks of a claim follow each other. */
function knocksAreClaimed(world: World): readonly Violation[] {
  const { network, store, plan } = world;
  const names = namesOf(world);
  const violations: Violation[] = [];
  const last = new Map<GrantedClaim, number>();
  const rule = "one wake-up series per claim";
  for (const knock of network.knocks) {
    const monitor = plan.monitors.find(({ origin }) => knock.url.startsWith(`${origin}/`));
    const untilMs = (monitor?.spec.repair?.patienceMs ?? 0) + SLACK_MS;
    const claimed = store.claims.filter(
      (each) =>
        each.executor === knock.process &&
        each.atMs <= knock.atMs &&
        knock.atMs <= each.atMs + untilMs &&
        names.get(each.incidentId) === monitor?.spec.name,
    );
    // Two incidents of one monitor, the first closed by hand, may be repaired at the same time.
    const claim = claimed.findLast((each) => knock.atMs >= (last.get(each) ?? 0) + AGAIN_MS - 1);
    if (claim === undefined) {
      const problem = claimed.length === 0 ? "without a claim" : "twice";
      violations.push({ rule, what: `${knock.process} knocked at ${knock.url} at ${knock.atMs} ${problem}` });
      continue;
    }
    last.set(claim, knock.endedAtMs);
  }
  return violations;
}

/** Monitor names by incident. */
function namesOf(world: World): ReadonlyMap<number, string> {
  const opened = [...logOf(world).incidents].flatMap(([id, [first]]) => {
    const event = first?.event.event;
    return event?.$case === "opened" ? [[id, event.value.monitorName] as const] : [];
  });
  return new Map(opened);
}

/** Repairs of a monitor keep their distance and their number; who sets the clock may have them sooner. */
export function auditRepairPolicy(world: World): readonly Violation[] {
  const { plan } = world;
  if (plan.deeds.some(({ deed }) => deed.kind === "clock_jump")) return [];
  const names = namesOf(world);
  const violations: Violation[] = [];
  for (const { spec } of plan.monitors) {
    const requested = [...logOf(world).incidents.values()]
      .flat()
      .filter(({ incidentId, event: { event } }) => {
        return names.get(incidentId) === spec.name && event?.$case === "repairRequested";
      })
      .map(({ atMs }) => atMs)
      .sort((a, b) => a - b);
    const { cooldownMs = 0, hourlyCap = 0 } = spec.repair ?? {};
    requested.forEach((atMs, index) => {
      const before = requested[index - 1];
      if (before !== undefined && atMs - before < cooldownMs) {
        violations.push({ rule: "cooldown", what: `${spec.name} after ${atMs - before} of ${cooldownMs} ms` });
      }
      const within = requested.slice(0, index + 1).filter((each) => each > atMs - HOUR_MS).length;
      if (within > hourlyCap) violations.push({ rule: "hourly cap", what: `${spec.name} ${within} of ${hourlyCap}` });
    });
  }
  return violations;
}
