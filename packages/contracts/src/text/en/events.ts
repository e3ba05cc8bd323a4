import type { Catalogue } from "../catalogue.ts";
import { byCount } from "../sentence.ts";

/** One entry of a timeline: what happened first, then why. `{state}` is one of the `state.*` phrases. */
export const events = {
  "event.incident_opened": byCount(
    "total",
    "{monitor} {state}. {reason}",
    "{monitor} {state}: {failing} of {total} endpoints are affected. {reason}",
  ),
  "event.incident_opened.over":
    "{monitor} had an outage that was over before Sentinel recorded it, because the results came late. {reason}",
  "event.incident_opened.slo": "{monitor} uses up its error budget too fast.",
  "event.incident_diagnosed": "{issue}. {cause}",
  "event.incident_verdict_changed": "The service now {state}. {reason}",
  "event.incident_reopened": byCount(
    "times",
    "The service {state} again. {reason}",
    "The service {state} again, reopened {times} times. {reason}",
  ),
  "event.flapping_started":
    "The service goes up and down again and again. It counts as recovered when it is steady, after about {rounds} good checks in a row; until then nobody is told again.",
  "event.flapping_stopped": "The service is steady again: it changed {changes} times in its last {rounds} checks.",
  "event.repair_requested":
    "Sentinel will try to wake the service up, for at most {patience}. This is repair {used} of at most {cap} in an hour.",
  "event.repair_withheld": "Sentinel did not wake the service up. {reason}",
  "event.repair_started": "Sentinel is waking the service up (attempt {attempt}).",
  "event.repair_succeeded": "The service answered the wake-up after {took}. A check now verifies it.",
  "event.repair_succeeded.settled_by_check":
    "The wake-up counts as successful. It was interrupted, and the next check found the service working.",
  "event.repair_failed": "The wake-up did not help ({took}). {reason}",
  "event.repair_outcome_unknown":
    "The wake-up was interrupted and its outcome is not known. The next check settles it; it is not repeated.",
  "event.recommendation_added": "What to do: {recommendation}",
  "event.notification_delivered": "“{kind}” was sent to {channel}.",
  "event.notification_delivered.possible_duplicate":
    "“{kind}” was sent to {channel}. An earlier try may have arrived too, with the same id.",
  "event.notification_failed": "“{kind}” could not be sent to {channel} and will be tried again. {reason}",
  "event.notification_failed.gave_up": byCount(
    "attempts",
    "“{kind}” could not be sent to {channel}. {reason}",
    "“{kind}” could not be sent to {channel} in {attempts} tries. {reason}",
  ),
  "event.incident_acknowledged": "{actor} is taking care of it.",
  "event.comment_added": "{actor}: {text}",
  "event.incident_resolved.recovered": "The service works again after {downtime}. It recovered without a repair.",
  "event.incident_resolved.auto_fix": "The service works again after {downtime}. Sentinel woke it up.",
  "event.incident_resolved.manual": "{actor} closed the incident after {downtime}.",
  "event.incident_resolved.monitor_deleted": "The incident was closed after {downtime}. Its monitor was removed.",
  "event.incident_resolved.monitor_paused": "The incident was closed after {downtime}. Its monitor was paused.",
  "event.incident_resolved.burn_ended": "The error budget is no longer used up too fast.",
  "event.unknown": "Something happened that this version of Sentinel does not know.",

  "actor.unknown": "Somebody",
  "state.down": "is down",
  "state.degraded": "is degraded",
} as const satisfies Catalogue;
