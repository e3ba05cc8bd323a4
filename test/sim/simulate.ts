import { setImmediate as nextTurn } from "node:timers/promises";
import { act, heal } from "./deeds.ts";
import { type Violation, audit, auditAtRest, isAtRest } from "./invariants.ts";
import { watchSteps } from "./invariants/steps.ts";
import { makePlan } from "./plan.ts";
import { addMonitor, type Plant, World } from "./world.ts";

const AUDIT_EVERY_MS = 60_000;
/** Clocks may have jumped by an hour and back, several times: what was put off comes due after that. */
const REST_WITHIN_MS = 26 * 3_600_000;

const ENDS_WITHIN_MS = 3_600_000;

export interface Outcome {
  readonly seed: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly checks: number;
  readonly lives: number;
  readonly violations: readonly Violation[];
  /** What happened, for a person who wants to know why. */
  readonly story: readonly string[];
}

/** Runs the world of this seed from its start until it is at rest, and says what was not as promised. */
export async function simulate(seed: number, plant?: Plant): Promise<Outcome> {
  const world = new World(makePlan(seed), plant);
  const outcome = { seed, events: 0, checks: 0 };
  let violations: readonly Violation[];
  try {
    violations = await live(world);
    Object.assign(outcome, await awaited(world, counts(world)));
  } catch (error) {
    // Too many steps, too much time, something that never answers: never a hang, always a finding.
    violations = [{ rule: "comes to rest", what: error instanceof Error ? error.message : String(error) }];
  }
  for (const who of world.roles) world.process(who)?.crash();
  return { ...outcome, simulatedMs: world.clock.monotonic(), lives: world.lives, violations, story: world.story };
}

/** Everything that is planned happens, and then it comes to rest; ends at the first promise that was not kept. */
async function live(world: World): Promise<readonly Violation[]> {
  const { clock, plan } = world;
  const wrong = watchSteps(world);
  const doing: Promise<void>[] = world.roles.map((who) => world.start(who));
  const todo = [
    ...plan.monitors.map(({ atMs, spec }) => ({ atMs, run: () => addMonitor(world, spec) })),
    ...plan.deeds.map(({ atMs, deed }) => ({ atMs, run: () => act(world, deed) })),
    ...Array.from({ length: Math.floor(plan.forMs / AUDIT_EVERY_MS) }, (_, index) => ({
      atMs: (index + 1) * AUDIT_EVERY_MS,
      run: undefined,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, run } of todo) {
    await clock.advance(Math.max(0, atMs - clock.monotonic()));
    if (wrong.length > 0) return wrong;
    if (run !== undefined) {
      doing.push(run());
      continue;
    }
    const violations = await awaited(world, audit(world));
    if (violations.length > 0) return violations;
  }
  // What was begun ends by itself, so that nothing goes wrong any more after that.
  await awaited(world, Promise.allSettled(doing), ENDS_WITHIN_MS);
  return await rest(world, wrong);
}

/** Faults stop, and time runs on until nothing is left to do. */
async function rest(world: World, wrong: readonly Violation[]): Promise<readonly Violation[]> {
  heal(world);
  world.say("faults stop");
  const untilMs = world.clock.monotonic() + REST_WITHIN_MS;
  let stepMs = 60_000;
  let waiting: readonly string[] = [];
  while (world.clock.monotonic() < untilMs) {
    await world.clock.advance(stepMs);
    heal(world);
    const violations = [...wrong, ...(await awaited(world, audit(world)))];
    if (violations.length > 0) return violations;
    waiting = await awaited(world, isAtRest(world));
    if (waiting.length === 0) break;
    stepMs = Math.min(stepMs * 1.5, 15 * 60_000);
  }
  if (waiting.length > 0) return [{ rule: "comes to rest", what: waiting.join("; ") }];
  const violations = await awaited(world, auditAtRest(world));
  return [...wrong, ...violations];
}

/** The answer to something that needs time to pass. */
async function awaited<T>(world: World, work: Promise<T>, withinMs = 60_000): Promise<T> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  finished.catch(() => undefined);
  await world.clock.until(() => done, withinMs);
  // Whoever watches over this, such as the time limit of a test, has a turn as well.
  await nextTurn();
  return await finished;
}

async function counts(world: World): Promise<{ readonly events: number; readonly checks: number }> {
  return await world.store.database.transaction(async (tx) => ({
    events: tx.table("eventstore.events").size,
    checks: world.store.rows.size,
  }));
}
