import { IncidentEvent, PARTITIONS } from "@sentinel/contracts";
import { CHAIN_START, type StoredEvent, verifyChain } from "@sentinel/eventstore";
import { createMemoryEventStore } from "@sentinel/eventstore/memory";
import type { Violation } from "../invariants.ts";
import type { World } from "../world.ts";

/** An event of an incident as the log holds it. */
export interface LoggedEvent {
  readonly id: string;
  readonly incidentId: number;
  readonly version: number;
  readonly atMs: number;
  readonly event: IncidentEvent;
}

/** The log as far as it was verified. */
export interface Verified {
  readonly ends: Map<number, { readonly gpos: number; readonly hash: Uint8Array }>;
  readonly incidents: Map<number, LoggedEvent[]>;
}

const known = new WeakMap<World, Verified>();

/** What the log says so far. */
export function logOf(world: World): Verified {
  const verified = known.get(world) ?? { ends: new Map(), incidents: new Map() };
  known.set(world, verified);
  return verified;
}

/** Each partition's positions are gapless and its hash chain holds, up to its head; only what is new is read. */
export async function auditLog(world: World): Promise<readonly Violation[]> {
  const verified = logOf(world);
  const events = createMemoryEventStore();
  const violations: Violation[] = [];
  await world.store.database.transaction(async (tx) => {
    for (let part = 0; part < PARTITIONS; part += 1) {
      const from = verified.ends.get(part) ?? { gpos: 0, hash: CHAIN_START };
      const head = await events.head(tx, part);
      if (head.gpos === from.gpos) continue;
      const page = await events.readAll(tx, part, from.gpos, 1_000_000);
      const broken = verifyChain(page, from.hash, from.gpos);
      const last = page.at(-1) ?? from;
      if (broken !== undefined) {
        violations.push({ rule: "chain", what: `${broken.problem} at ${part}/${broken.gpos}` });
      } else if (last.gpos !== head.gpos || Buffer.compare(last.hash, head.hash) !== 0) {
        violations.push({ rule: "chain", what: `head of ${part} is ${head.gpos}, last event ${last.gpos}` });
      }
      verified.ends.set(part, last);
      for (const event of page) note(verified, event);
    }
  });
  return violations;
}

function note(verified: Verified, stored: StoredEvent): void {
  const match = /^incident-(\d+)$/.exec(stored.stream);
  if (match === null) return;
  const incidentId = Number(match[1]);
  const list = verified.incidents.get(incidentId) ?? [];
  verified.incidents.set(incidentId, list);
  const { id, version, atMs } = stored;
  list.push({ id, incidentId, version, atMs, event: IncidentEvent.decode(stored.payload) });
}
