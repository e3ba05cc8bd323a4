import { type FailpointName, FAILPOINTS } from "@sentinel/service-kit";
import { until } from "../harness/sentinel.ts";
import type { ScriptedTarget } from "./ledger.ts";
import { settle, type Verdict } from "./settle.ts";
import type { Stage } from "./stage.ts";

/** Every named crash point with the service of distributed mode that it belongs to. */
export const POINTS: readonly { readonly point: FailpointName; readonly service: string }[] = FAILPOINTS.map(
  (point) => ({ point, service: point.startsWith("prober.") ? "prober" : "incidents" }),
);

const DIES_WITHIN_MS = 90_000;
const OUTAGE_MS = 15_000;
const PAUSE_MS = 4000;

/** One outage after the other, each with a pause in which its incident can end. */
function outages(): (target: ScriptedTarget) => void {
  let asleep: boolean | undefined;
  let sinceMs = 0;
  return (target) => {
    const nowMs = performance.now();
    if (asleep !== target.asleep()) [asleep, sinceMs] = [target.asleep(), asleep === undefined ? 0 : nowMs];
    if (nowMs - sinceMs < (asleep ? OUTAGE_MS : PAUSE_MS)) return;
    if (asleep) target.wake();
    else target.fallAsleep();
  };
}

/**
 * One after the other on one running stage: the service starts with the point armed, a target falls asleep so that the
 * thread runs over it, and the service starts again. Each point has a target of its own, as the repair and the messages
 * of one come once per incident, and an incident that is opened again is still the same.
 */
export async function runPoints(
  stage: Stage,
  points: typeof POINTS,
  onPoint: (point: string) => void = () => undefined,
): Promise<Verdict> {
  const { targets } = stage.world;
  for (const [index, { point, service }] of points.entries()) {
    const target = targets[index];
    if (target === undefined) throw new Error(`nothing to watch for ${point}`);
    await stage.kill(service);
    await stage.restart(service, point);
    const keepFailing = outages();
    let dead = false;
    const death = stage.died(service).then(() => (dead = true));
    await until(
      `the death of ${service} at ${point}`,
      () => {
        if (!dead) keepFailing(target);
        return dead ? true : undefined;
      },
      DIES_WITHIN_MS,
    ).catch(async (error: unknown) => {
      const state = await fetch(`${stage.url}/api/v1/incidents?limit=3`).then((answer) => answer.text(), String);
      throw new Error(`${target.name} never led ${service} to ${point}\n${state}\n${stage.output()}`, { cause: error });
    });
    await death;
    onPoint(point);
    await stage.restart(service);
    target.wake();
  }
  return await settle(stage);
}
