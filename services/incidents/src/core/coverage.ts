import { CheckResult, EndpointResult, Evidence, MonitorSpec, Nature, Verdict } from "@sentinel/contracts";

/** On the way to the fold a result takes at most so long while all is well. */
const ON_THE_WAY_MS = 5000;
const NAMED = 20;
/** Monitors kept by name in the evidence of one incident. */
const SHOWN = 200;

/** What is to be watched. */
export interface Watched {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** What was last heard of a monitor from one region. `...MonoMs` are of the monotonic clock of the listener. */
export interface Sight {
  readonly monitorId: string;
  readonly region: string;
  readonly prober: string;
  /** Any result. */
  readonly heardMonoMs: number;
  /** A result that judged the target. */
  readonly judgedMonoMs: number;
  /** When the target was judged last, by the clock of its prober; 0 when never. */
  readonly judgedAtMs: number;
  /** Why the last result judged nothing; empty when it did. */
  readonly reason: string;
}

type Cause = "broker_away" | "no_prober" | "prober_gone" | "prober_silent" | "not_assigned" | "not_judged";

/** A monitor that nobody has seen for two intervals. */
export interface Blind {
  readonly monitorId: string;
  readonly name: string;
  /** Who saw it last; empty when nobody ever did. */
  readonly region: string;
  readonly prober: string;
  /** 0 when it was never seen. */
  readonly sinceMs: number;
  readonly cause: Cause;
  /** Why it could not be judged; empty when nothing came. */
  readonly reason: string;
}

export interface Listening {
  /** Everything that was published by then has been heard. */
  readonly heardUntilMonoMs: number;
  /** Since when without a break it is listened. */
  readonly sinceMonoMs: (watched: Watched) => number;
  readonly brokerAway: boolean;
  /** What is known of a prober by other ways than its results. */
  readonly prober: (region: string, name: string) => "live" | "gone" | "unknown";
  readonly anyProber: boolean;
  /** Those that say they are there. */
  readonly live: readonly { readonly region: string; readonly name: string }[];
}

/** How long nothing may be heard of a monitor. */
export const patienceMs = ({ everyMs, timeoutMs }: Pick<Watched, "everyMs" | "timeoutMs">): number =>
  2 * everyMs + timeoutMs + ON_THE_WAY_MS;

/** A job that has not called is looked at all the same: what was seen is that there is nothing to see yet. */
const isJudged = ({ verdict, reason }: Pick<CheckResult, "verdict" | "reason">): boolean =>
  verdict !== Verdict.MISSED &&
  (verdict !== Verdict.UNKNOWN || (reason.startsWith("heartbeat_") && reason !== "heartbeat_unasked"));

/** The sight after one more result; undefined when that says nothing about who is watching now. */
export function sightAfter(before: Sight | undefined, result: CheckResult, monoMs: number): Sight | undefined {
  if (result.verdict === Verdict.MISSED) return undefined;
  const { monitorId, region, prober, startedAtMs, reason } = result;
  if (before !== undefined && startedAtMs < before.judgedAtMs) return undefined;
  const judged = isJudged(result);
  return {
    monitorId,
    region,
    prober,
    heardMonoMs: monoMs,
    judgedMonoMs: judged ? monoMs : (before?.judgedMonoMs ?? Number.NEGATIVE_INFINITY),
    judgedAtMs: judged ? startedAtMs : (before?.judgedAtMs ?? 0),
    reason: judged ? "" : reason,
  };
}

/** Whether this monitor is out of sight from where `sight` was; without a sight, whether nobody ever saw it. */
export function blindOf(
  watched: Watched,
  sight: Sight | undefined,
  lastSeenMs: number,
  listening: Listening,
): Blind | undefined {
  const patience = patienceMs(watched);
  const from = listening.sinceMonoMs(watched);
  const isSilent = (atMonoMs: number): boolean => listening.heardUntilMonoMs - Math.max(atMonoMs, from) > patience;
  const never = Number.NEGATIVE_INFINITY;
  if (!isSilent(sight?.judgedMonoMs ?? never)) return undefined;
  const { region = "", prober = "", judgedAtMs = 0 } = sight ?? {};
  const reason = isSilent(sight?.heardMonoMs ?? never) ? "" : (sight?.reason ?? "");
  const sinceMs = Math.max(judgedAtMs, sight === undefined ? lastSeenMs : 0);
  const cause = reason === "" ? causeOf(region, prober, listening) : "not_judged";
  return { monitorId: watched.id, name: watched.name, region, prober, sinceMs, cause, reason };
}

function causeOf(region: string, prober: string, listening: Listening): Cause {
  if (listening.brokerAway) return "broker_away";
  if (!listening.anyProber) return prober === "" ? "no_prober" : "prober_gone";
  if (prober === "") return listening.live.length > 0 ? "not_assigned" : "prober_silent";
  return listening.prober(region, prober) === "gone" ? "prober_gone" : "prober_silent";
}

/** What has one cause is one incident: the same broker, the same prober, or the same fault of a check. */
export function groupOf({ cause, region, prober, reason }: Blind): string {
  switch (cause) {
    case "broker_away":
      return "broker";
    case "not_judged":
      return `${reason}/${region}/${prober}`;
    default:
      return prober === "" ? "nobody" : `prober/${region}/${prober}`;
  }
}

/** Of probers that nobody knows to be those in question. */
const LIVE_NAMED = 3;

/** What an incident about them says: who lost sight, or is there and should look, since when, and of what. */
export function evidenceOf(blind: readonly Blind[], atMs: number, live: Listening["live"]): CheckResult {
  const [first] = blind;
  const known = blind.map(({ sinceMs }) => sinceMs).filter((ms) => ms > 0);
  const names = blind.map(({ name }) => name).toSorted();
  const params = {
    prober:
      first?.prober ||
      live
        .slice(0, LIVE_NAMED)
        .map(({ name }) => name)
        .join(", "),
    region: first?.region || [...new Set(live.map(({ region }) => region))].join(", "),
    why: first?.reason ?? "",
    sinceMs: String(known.length === 0 ? atMs : Math.min(...known)),
    count: String(blind.length),
    monitors: names.slice(0, NAMED).join(", ") + (names.length > NAMED ? ", …" : ""),
  };
  const endpoint = (name: string): EndpointResult => ({
    ...EndpointResult.fromPartial({ url: name }),
    verdict: Verdict.DEGRADED,
    reason: first?.cause ?? "prober_silent",
    evidence: { ...Evidence.fromPartial({}), params },
  });
  return {
    ...CheckResult.fromPartial({ prober: first?.prober ?? "", region: first?.region ?? "" }),
    slotMs: atMs,
    endpoints: names.slice(0, SHOWN).map(endpoint),
  };
}

/** The monitor that an incident about coverage names: Sentinel itself. */
export const coverageSpec = (): MonitorSpec => MonitorSpec.fromPartial({ name: "Sentinel", nature: Nature.TECHNICAL });
