import type { Monitor, MonitorSpec } from "@sentinel/contracts";
import { decodeIncidentEvent } from "@sentinel/contracts/events";
import { initialIncidentState } from "./core/incident.ts";
import { lateWindow, type PastOutage, pastOutages } from "./core/late-outages.ts";
import type { IncidentState, LateFailures } from "./core/types.ts";
import { type IncidentChanges, incidentStream } from "./incident-changes.ts";
import type { FoldTx } from "./store/port.ts";

const MOST_ROUNDS = 20_000;
const MOST_INCIDENTS = 100;

/** Records the outages that late rounds show and that no incident tells of: opened and resolved at once, in silence. */
export async function recordLate(
  { tx, changes, nowMs }: { readonly tx: FoldTx; readonly changes: IncidentChanges; readonly nowMs: number },
  { id: monitorId }: Pick<Monitor, "id">,
  spec: MonitorSpec,
  late: LateFailures,
): Promise<void> {
  const window = lateWindow(late, spec);
  const query = { monitorId, ...window, limit: MOST_ROUNDS, oldestFirst: true };
  const outages = pastOutages(await tx.checks.list(query), spec, late);
  if (outages.length === 0) return;
  const known = await tx.incidents.list({ openOnly: false, monitorId, beforeId: 0, limit: MOST_INCIDENTS });
  const spans = await Promise.all(known.map((state) => spanOf(tx, state)));
  for (const outage of outages) {
    if (spans.some((span) => overlaps(span, outage))) continue;
    const { confirmedBy, ...facts } = outage;
    const incidentId = await tx.incidents.nextId();
    const command = {
      type: "RecordOver",
      ...facts,
      result: confirmedBy,
      incidentId,
      monitorId,
      spec,
      atMs: nowMs,
    } as const;
    changes.apply(initialIncidentState, command, { traceparent: confirmedBy.traceparent });
  }
}

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

const overlaps = ({ fromMs, untilMs }: Span, { startedAtMs, endSlotMs }: PastOutage): boolean =>
  fromMs <= endSlotMs && startedAtMs <= untilMs;

/** From the first failing round to the round that ended it; an open one has no end yet, one of several runs is whole. */
async function spanOf(tx: FoldTx, state: IncidentState): Promise<Span> {
  const isOver = state.resolvedAtMs > 0;
  if (state.reopened === 0) {
    const untilMs = isOver ? state.startedAtMs + state.downtimeMs : Number.POSITIVE_INFINITY;
    return { fromMs: state.startedAtMs, untilMs };
  }
  const [first] = await tx.events.read(incidentStream(state.id));
  const { event } = first === undefined ? { event: undefined } : decodeIncidentEvent(first);
  const fromMs = event?.$case === "opened" ? event.value.startedAtMs : state.startedAtMs;
  return { fromMs, untilMs: isOver ? state.resolvedAtMs : Number.POSITIVE_INFINITY };
}
