import { STREAM_EVENTS } from "@sentinel/contracts";
import { incident, initialIncidentState } from "../../../services/incidents/src/core/incident.ts";
import { chooseNotification } from "../../../services/incidents/src/core/notification-policy.ts";
import type { Violation } from "../invariants.ts";
import type { World } from "../world.ts";
import { logOf } from "./log.ts";

const CHANNEL = "ops";

/** Of what arrived more than once all but one said that it may be a repeat, and nothing was recorded that had not arrived. */
export function auditMessages(world: World): readonly Violation[] {
  const violations: Violation[] = [];
  const seen = new Set(world.network.arrivals.map(({ id }) => id));
  // A process that stood still may send its first try after the repeat of another: one of the two has to say so.
  const sure = new Set<string>();
  for (const { id, possibleDuplicate } of world.network.arrivals) {
    if (possibleDuplicate) continue;
    if (sure.has(id)) violations.push({ rule: "a repeat says that it may be one", what: id });
    sure.add(id);
  }
  const delivered = deliveredIn(world);
  for (const id of delivered) {
    if (!seen.has(id)) violations.push({ rule: "recorded deliveries arrived", what: id });
  }
  if (new Set(delivered).size !== delivered.length) {
    const twice = delivered.find((each, index) => delivered.indexOf(each) !== index);
    violations.push({ rule: "a delivery is recorded once", what: twice ?? "" });
  }
  return violations;
}

/** At rest every message that is due has arrived and is recorded, none that is not, and every event is on the bus. */
export function auditDeliveries(world: World): readonly Violation[] {
  const expected = expectedIn(world);
  const arrived = new Set(world.network.arrivals.map(({ id }) => id));
  const delivered = new Set(deliveredIn(world));
  const published = world.broker.taken.get(STREAM_EVENTS) ?? new Set();
  const violations: Violation[] = [];
  for (const id of expected) {
    if (!arrived.has(id)) violations.push({ rule: "every message arrives", what: id });
    else if (!delivered.has(id)) violations.push({ rule: "every delivery is recorded", what: id });
  }
  for (const id of arrived) if (!expected.has(id)) violations.push({ rule: "no message without its event", what: id });
  for (const { id } of [...logOf(world).incidents.values()].flat()) {
    if (!published.has(id)) violations.push({ rule: "every event is published", what: id });
  }
  return violations;
}

function deliveredIn(world: World): readonly string[] {
  return [...logOf(world).incidents.values()].flat().flatMap(({ event: { event } }) => {
    return event?.$case === "notificationDelivered" ? [event.value.notificationId] : [];
  });
}

/** Ids of the messages that the events of the log call for. */
function expectedIn(world: World): ReadonlySet<string> {
  const expected = new Set<string>();
  for (const events of logOf(world).incidents.values()) {
    let state = initialIncidentState;
    for (const happened of events) {
      const after = incident.evolve(state, happened);
      if (chooseNotification(state, happened, after) !== undefined) expected.add(webhookId(happened.id));
      state = after;
    }
  }
  return expected;
}

const webhookId = (eventId: string): string => `${eventId}-${CHANNEL}`;
