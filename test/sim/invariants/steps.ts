import { STREAM_CHECKS } from "@sentinel/contracts";
import type { Violation } from "../invariants.ts";
import type { World } from "../world.ts";
import { passedUnfolded } from "./checks.ts";

/**
 * Looks at each commit and at each release from a spool as it happens, and gives what was wrong so far: what is wrong for
 * a moment only is wrong all the same, as a process may end in that moment.
 */
export function watchSteps({ broker, store, disks }: World): readonly Violation[] {
  const violations: Violation[] = [];
  for (const disk of new Set(Object.values(disks))) {
    disk.onReleased = (id) => {
      if (!disk.acknowledged.has(id) || store.rows.has(id)) return;
      violations.push({ rule: "no acknowledged result is lost", what: `${id} left the spool before it was stored` });
    };
  }
  /** By life of the stream and partition, how far was looked. */
  const looked = new Map<string, number>();
  store.onAdvanced = (ends) => {
    const stream = broker.up ? broker.find(STREAM_CHECKS) : undefined;
    if (stream === undefined || stream.truncated) return;
    for (const { part, streamEpoch, lastSeq } of ends) {
      if (streamEpoch !== stream.epoch) continue;
      const key = `${streamEpoch} ${part}`;
      const fromSeq = looked.get(key) ?? 0;
      violations.push(...passedUnfolded(store, stream, { part, fromSeq, toSeq: lastSeq }));
      looked.set(key, Math.max(lastSeq, fromSeq));
    }
  };
  return violations;
}
