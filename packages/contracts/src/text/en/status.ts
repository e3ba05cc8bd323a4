import type { Catalogue } from "../catalogue.ts";
import { byCount } from "../sentence.ts";

/** Is production up, if not why, since when, technical or business, who acts: sentences, and short answers. */
export const status = {
  "overview.headline.up": "Production is up.",
  "overview.headline.degraded": "Production is degraded.",
  "overview.headline.down": "Production is down.",
  "overview.headline.unknown": "It is not known whether production is up.",
  "overview.headline.empty": "Nothing is being watched yet.",

  "overview.detail.all_healthy": byCount(
    "checked",
    "The one service that is watched works.",
    "All {checked} services that are watched work.",
  ),
  "overview.detail.incident": "{monitor}: {issue}. {cause}",
  "overview.detail.concerned": "{monitor}: {issue}.",
  "overview.detail.more": byCount(
    "count",
    "One more incident is open: {names}.",
    "{count} more incidents are open: {names}.",
  ),
  "overview.detail.many_more": "{count} more incidents are open, among them {names}.",
  "overview.detail.no_incident": "The last checks failed, and no incident is open for it.",
  "overview.detail.since": "Since {time}, for {duration}.",
  "overview.detail.technical": "The problem is technical.",
  "overview.detail.business": "The problem concerns the business.",
  "overview.detail.both": "Technical and business services are concerned.",
  "overview.detail.sentinel": "Sentinel is waking the service up.",
  "overview.detail.owner": "{who} is in charge.",
  "overview.detail.nobody": "Nobody is in charge yet.",
  "overview.detail.never_checked": "No check has been made yet.",
  "overview.detail.stale": "The last check was made {age} ago.",
  "overview.detail.stale_incidents": byCount(
    "count",
    "One incident was open then.",
    "{count} incidents were open then.",
  ),
  "overview.detail.open_when_seen": byCount(
    "count",
    "One incident was open when it was last seen.",
    "{count} incidents were open when they were last seen.",
  ),
  "overview.detail.paused": "All monitors are paused.",
  "overview.detail.not_judged": byCount(
    "unknown",
    "One of {checked} services could not be judged; the others work.",
    "{unknown} of {checked} services could not be judged.",
  ),
  "overview.detail.empty": "Add an address, and its first check follows at once.",

  "overview.answer.up": byCount("checked", "{healthy} of {checked} service", "{healthy} of {checked} services"),
  "overview.answer.since": "{duration} · {time}",
  "overview.answer.technical": "Technical",
  "overview.answer.business": "Business",
  "overview.answer.both": "Technical and business",
  "overview.answer.sentinel": "Sentinel, wake-up running",
  "overview.answer.nobody": "Nobody yet",
  "overview.answer.none": "–",
} as const satisfies Catalogue;
