import { networkInterfaces } from "node:os";
import { type CheckResult, Verdict } from "@sentinel/contracts";
import { createResolve, type Egress, type Resolve } from "@sentinel/egress";
import type { ServiceKit } from "@sentinel/service-kit";
import { isClockLike, isLookup, isOurs, judgeOurselves, type Signs } from "../core/judge-ourselves.ts";
import { type LoopbackCanary, startLoopbackCanary } from "./loopback-canary.ts";
import { clockOf, createNeighbours, isHere, isNamed, isReached, type Neighbour } from "./neighbours.ts";
import { createResolverCanary } from "./resolver-canary.ts";
import { createStalls } from "./stalls.ts";
import { hostOf } from "./target-of.ts";

type Judged = Pick<CheckResult, "verdict" | "reason">;

/** Finds out whether it is us, before a failure is told. */
export interface SelfCheck {
  /**
   * The verdict of a round as it may be told: unknown, with the reason, where something of ours may be to blame.
   * @param fromMs when the round began, by `performance.now()`
   * @param urls addresses that were asked, of which `failing` is the one whose reason the round has
   */
  judge(
    round: Judged,
    asked: { readonly urls: readonly string[]; readonly failing: string; readonly fromMs: number },
  ): Promise<Judged>;
  /** What of ours kept the last rounds from being judged, as a reason; empty while nothing does. */
  trouble(): string;
  stop(): Promise<void>;
}

export interface SelfCheckOptions {
  readonly kit: Pick<ServiceKit, "clock" | "random" | "log" | "metrics">;
  readonly egress: Egress;
  /** Asks the resolver that checks use, each time; the system's when absent. */
  readonly resolveAnew?: Resolve;
  /** Whether a network card leads out of this machine; looked up when absent. */
  readonly hasNetwork?: () => boolean;
}

const NEIGHBOURS = 8;
/** Clocks of servers differ by seconds; certificates by days. */
const CLOCK_OFF_MS = 3_600_000;
/** So long nothing of ours may have been in the way before it counts as over. */
const QUIET_MS = 60_000;

/** What a look at ourselves found, for all rounds that waited for it. */
interface Look {
  readonly loopback: string;
  readonly neighbours: readonly { readonly host: string; readonly reached: boolean }[];
}

/** @throws Error when nothing can be listened on */
export async function startSelfCheck(options: SelfCheckOptions): Promise<SelfCheck> {
  const { kit, egress } = options;
  const canary = await startLoopbackCanary(kit.clock);
  const stalls = createStalls();
  const known = createNeighbours();
  const resolveAnew = options.resolveAnew ?? ((host, ms) => createResolve({ clock: kit.clock })(host, ms));
  const resolver = createResolverCanary(resolveAnew, () => Buffer.from(kit.random.bytes(8)).toString("hex"));
  const hasNetwork = options.hasNetwork ?? leadsOut;
  const looks = shared(() => lookAround(canary, egress, known.latest(NEIGHBOURS)));
  const turns = createTurns(kit);

  let bad: { readonly atMs: number; readonly signs: (now: Signs) => Signs } = { atMs: -1, signs: (now) => now };
  const noResolver: Signs["resolver"] = "unasked";
  const signsFor = async (reason: string, failing: string, fromMs: number): Promise<Signs> => {
    const host = hostOf(failing);
    const named = isNamed(host);
    const [look, resolved, clockIsOff] = await Promise.all([
      looks(),
      named ? resolver.look(host, isLookup(reason)) : noResolver,
      isClockLike(reason)
        ? isClockOff(kit, egress, [{ host, port: 0, url: failing }, ...known.latest(NEIGHBOURS)])
        : false,
    ]);
    const others = look.neighbours.filter((each) => each.host !== host);
    return {
      stalledMs: stalls.worstSinceMs(fromMs),
      loopback: look.loopback,
      resolver: resolved,
      neighbours: { asked: others.length, reached: others.filter(({ reached }) => reached).length },
      hasNetwork: hasNetwork(),
      clockIsOff,
    };
  };

  return {
    judge: async (round, { urls, failing, fromMs }) => {
      if (round.verdict === Verdict.HEALTHY) {
        for (const url of urls) {
          known.worked(url);
          if (isNamed(hostOf(url))) resolver.learn(hostOf(url));
        }
        turns.well();
        return round;
      }
      if (round.verdict !== Verdict.DOWN && round.verdict !== Verdict.DEGRADED) {
        if (isOurs(round.reason)) turns.badly(round.reason);
        return round;
      }
      const host = hostOf(failing);
      const about = {
        ...round,
        named: isNamed(host),
        isLoopback: isHere(host),
      };
      const signs = await signsFor(round.reason, failing, fromMs);
      // What was found by another round while this one ran may have passed by the time that this one has failed.
      const ours =
        judgeOurselves(about, signs) ?? (bad.atMs >= fromMs ? judgeOurselves(about, bad.signs(signs)) : undefined);
      if (ours === undefined) {
        known.failed(failing);
        return round;
      }
      bad = {
        atMs: performance.now(),
        signs: (now) => ({ ...signs, stalledMs: now.stalledMs, clockIsOff: now.clockIsOff }),
      };
      turns.badly(ours);
      return { verdict: Verdict.UNKNOWN, reason: ours };
    },
    trouble: turns.trouble,
    stop: async () => {
      stalls.stop();
      await canary.stop();
    },
  };
}

async function lookAround(canary: LoopbackCanary, egress: Egress, neighbours: readonly Neighbour[]): Promise<Look> {
  const [loopback, reached] = await Promise.all([
    canary.look(),
    Promise.all(neighbours.map(async (each) => ({ host: each.host, reached: await isReached(egress, each) }))),
  ]);
  return { loopback, neighbours: reached };
}

/** Rounds that fail together share a look; none takes one that began before it had failed. */
function shared(look: () => Promise<Look>): () => Promise<Look> {
  let running: Promise<Look> | undefined;
  let next: Promise<Look> | undefined;
  const begin = (): Promise<Look> => {
    const begun = look().finally(() => {
      if (running === begun) running = undefined;
    });
    running = begun;
    return begun;
  };
  return () => {
    if (running === undefined) return begin();
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  };
}

/** Most of the hosts that say what time it is say another one than our clock. */
async function isClockOff(kit: SelfCheckOptions["kit"], egress: Egress, hosts: readonly Neighbour[]): Promise<boolean> {
  const shown = await Promise.all(hosts.map((each) => clockOf(egress, each)));
  const nowMs = kit.clock.now();
  const offs = shown.flatMap((atMs) => (atMs === undefined ? [] : [Math.abs(atMs - nowMs) > CLOCK_OFF_MS]));
  return offs.filter((off) => off).length * 2 > offs.length;
}

const leadsOut = (): boolean =>
  Object.values(networkInterfaces()).some((card) => card?.some(({ internal }) => !internal) === true);

/** Tells of our own trouble once, when it begins and when it ends, however many rounds it keeps from being judged. */
function createTurns({ log, metrics }: SelfCheckOptions["kit"]) {
  const unjudged = metrics.counter("sentinel_prober_unjudged_total", "Rounds unknown because of ourselves.", [
    "reason",
  ]);
  const gauge = metrics.gauge("sentinel_prober_trouble", "1 while this prober cannot judge what fails.");
  let reason = "";
  let lastMs = 0;
  return {
    trouble: (): string => reason,
    badly: (why: string): void => {
      unjudged.inc({ reason: why });
      gauge.set(1);
      if (reason === "") log.warn("prober.in_trouble", { reason: why });
      reason = why;
      lastMs = performance.now();
    },
    well: (): void => {
      // What keeps some rounds from being judged lets others pass.
      if (reason === "" || performance.now() - lastMs < QUIET_MS) return;
      log.info("prober.out_of_trouble", { reason });
      gauge.set(0);
      reason = "";
    },
  };
}
