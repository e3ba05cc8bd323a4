import { auditChecks, auditCoverage } from "./invariants/checks.ts";
import { auditIncidents, auditNoOpenIncident } from "./invariants/incidents.ts";
import { auditLog } from "./invariants/log.ts";
import { auditDeliveries, auditMessages } from "./invariants/messages.ts";
import { auditRepairPolicy, auditRepairs } from "./invariants/repairs.ts";
import type { World } from "./world.ts";

/** A promise that was not kept. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** What is true at every moment, whatever has just gone wrong. */
export async function audit(world: World): Promise<readonly Violation[]> {
  // Both are asked for at once, so that nothing is committed between what the log says and what the tables say.
  const looks = await Promise.all([
    auditLog(world),
    world.store.look(async (tx) => [
      ...(await auditIncidents(world, tx)),
      ...(await auditChecks(world, tx)),
      ...auditRepairs(world),
      ...auditMessages(world),
    ]),
  ]);
  return looks.flat();
}

/** What is left to do; nothing when the world is at rest. */
export async function isAtRest(world: World): Promise<readonly string[]> {
  return await world.store.look(async (tx) => {
    const pending = await tx.outbox.pending();
    const open = await tx.incidents.list({ openOnly: true, monitorId: "", beforeId: 0, limit: 100 });
    const claims = await tx.claims.unfinished();
    const left: readonly (readonly [string, number])[] = [
      ["events in the outbox", pending.event],
      ["commands in the outbox", pending.command],
      ["notifications in the outbox", pending.notification],
      ["open incidents", open.length],
      ["repairs under way", claims.length],
      ["results in the spool", keptIn(world)],
      ["processes away", world.roles.filter((who) => world.process(who) === undefined).length],
    ];
    return left.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  });
}

const keptIn = ({ disks }: World): number =>
  [...new Set(Object.values(disks))].reduce((sum, { kept }) => sum + kept.size, 0);

/** What is true when everything works again and nothing is left to do. */
export async function auditAtRest(world: World): Promise<readonly Violation[]> {
  return await world.store.look(async (tx) => [
    ...(await auditCoverage(world, tx)),
    ...(await auditNoOpenIncident(tx)),
    ...auditDeliveries(world),
    ...auditRepairPolicy(world),
    ...(await tx.deadLetters.list(3)).map(({ reason, subject }) => ({
      rule: "no dead letters",
      what: `${reason} ${subject}`,
    })),
  ]);
}
