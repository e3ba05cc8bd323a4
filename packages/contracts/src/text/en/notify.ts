import type { Catalogue } from "../catalogue.ts";

/** Messages to people: `kind` names the message, `subject` is its title, `lead` its first sentence, `line` what may follow. */
export const notify = {
  "notify.kind.opened": "Outage",
  "notify.kind.repair_failed": "Repair failed",
  "notify.kind.resolved": "Resolved",
  "notify.kind.reopened": "Outage again",
  "notify.kind.flapping": "Up and down",
  "notify.kind.test": "Test",

  "notify.subject.opened": "{monitor} {state}",
  "notify.subject.repair_failed": "{monitor}: the repair did not help",
  "notify.subject.resolved": "{monitor} works again",
  "notify.subject.closed": "{monitor}: incident closed",
  "notify.subject.reopened": "{monitor} {state} again",
  "notify.subject.flapping": "{monitor} goes up and down",
  "notify.subject.test": "Test message from Sentinel",

  "notify.lead.opened": "{issue}. {cause}",
  "notify.lead.reopened": "{issue}. {cause}",
  "notify.lead.repair_failed": "Sentinel tried to wake the service up, and it still fails. {reason}",
  "notify.lead.flapping": "The service goes up and down again and again. You are told again when it stays up.",
  "notify.lead.test": "If you can read this, the channel {channel} works.",

  "notify.line.since": "Since: {time} ({duration})",
  "notify.line.nature": "Kind: {nature}",
  "notify.line.recommendation": "What to do: {recommendation}",
  "notify.line.owner": "In charge: {owner}",
  "notify.line.sentinel": "Sentinel is trying to wake the service up.",
  "notify.line.link": "Details: {link}",
  "notify.line.possible_duplicate":
    "Possible duplicate: an earlier try of this message may have arrived, with the same id.",
} as const satisfies Catalogue;
