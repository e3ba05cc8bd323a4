import type { Beat, CheckRequested, CheckResult, Monitor, MonitorSpec, SentinelApi } from "@sentinel/contracts";
import type { Egress } from "@sentinel/egress";
import { type Bus, ensureStreams } from "@sentinel/messaging";
import { aborted, type Service, type ServiceKit } from "@sentinel/service-kit";
import type { Browsers } from "./browser/browsers.ts";
import { dueSlot } from "./core/due-slot.ts";
import type { SecretSource } from "./core/secrets.ts";
import { createAtOnce } from "./at-once.ts";
import { alone, createAssignment, type Handover, inTurns, type Sharing } from "./assignment.ts";
import { orBroken } from "./broken-round.ts";
import { createSteadyClock, type SteadyClock } from "./steady-clock.ts";
import { freeInstant, instantFor, type MissedSlots, missedSlots, nextSlot, phaseOf } from "./core/slots.ts";
import { createUsualTimes } from "./core/usual.ts";
import { createSecondLook } from "./second-look.ts";
import { followMonitors } from "./follow-monitors.ts";
import { CHECKS_PER_HOST, createHostPlaces } from "./host-places.ts";
import { createLoopDelay, type LoopDelay } from "./loop-delay.ts";
import { onCheckRequested } from "./on-check-requested.ts";
import { createPublisher } from "./publish-check.ts";
import { type HeartbeatSource, missedResult, runRound } from "./rounds.ts";
import { createSchedule } from "./schedule.ts";
import { type LastSlots, NO_SLOTS, withResult } from "./spool/last-slots.ts";
import type { Spool } from "./spool/spool.ts";
import type { SelfCheck } from "./self/self-check.ts";

export { createBrowsers } from "./browser/browsers.ts";
export { CHECKS_PER_HOST } from "./host-places.ts";
export { createMemorySpool } from "./spool/memory-spool.ts";
export { type LastSlots, NO_SLOTS, withResult } from "./spool/last-slots.ts";
export { type SelfCheck, startSelfCheck } from "./self/self-check.ts";
export { openSpool, type Spool, type Spooled, toSpooled } from "./spool/spool.ts";
export { nextSlot, phaseOf } from "./core/slots.ts";

/** "spread": over the interval of each; "at-once": as fast as it goes. */
export type FirstChecks = "spread" | "at-once";

export interface ProberDeps {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly api: Pick<SentinelApi, "watch"> & HeartbeatSource;
  readonly egress: Egress;
  /** Results the fold has not confirmed; closed with the service. */
  readonly spool: Spool;
  /** Values of the secrets that monitors name; none are known when absent. */
  readonly secret?: SecretSource;
  /** Where journeys find their browser; without it there is none. */
  readonly browsers?: Browsers;
  /** Where this prober looks from, such as "local" or "eu-west". */
  readonly region: string;
  readonly name: string;
  /** Shares the monitors with others of its region; without it this prober watches them all. */
  readonly sharing?: Sharing;
  /** At a start, what was watched before is looked at in its slots, or all at once; in its slots when absent. */
  readonly firstChecks?: FirstChecks;
  /** How many checks may ask one host at a time; 100 when absent. */
  readonly perHost?: number;
  /** How late this process runs what is due; measured when absent. Stopped with the service. */
  readonly loopDelay?: LoopDelay;
  /** Finds out whether it is us, before a failure is told; stopped with the service. */
  readonly selfCheck?: SelfCheck;
  /** Milliseconds since the machine was started, those of its sleep included: by it a sleep is told from a wrong clock. */
  readonly sinceBootMs?: () => number;
}

/** A monitor being watched, until its definition changes. */
interface Watch {
  readonly monitor: Monitor;
  readonly spec: MonitorSpec;
  readonly phaseMs: number;
  running: boolean;
  /** The newest slot that was run or missed. */
  ranMs: number;
  /** Ends with the last round asked for out of turn. */
  onDemand: Promise<void>;
  /** From when on its slots are another's; undefined before that is known. */
  othersFromMs: number | undefined;
}

/** A slot of a watch that is waited for. */
interface Planned {
  readonly watch: Watch;
  /** Undefined for a first look between the slots. */
  readonly slotMs: number | undefined;
}

/** After a start every monitor is looked at within this, however long its interval is. */
const SPREAD_MS = 60_000;
const MAX_MISSED_MS = 30 * 86_400_000;
/** Of a monitor whose prober was lost, slots that are told one by one. */
const MOST_LOST = 20;
/** Members hear of each other within this. */
const OVERLAP_MS = 2000;
/** One that stops runs its slots until the others have heard of it. */
const DRAIN_OVERLAP_MS = 500;
/** Rounds that are under way may end by themselves before a stop. */
const DRAIN_MS = 5000;

/** Runs every monitor on its slots; each slot yields a result or a record that it was missed. */
export async function startProber(deps: ProberDeps): Promise<Service> {
  const { bus, spool } = deps;
  const clock = steadyClockOf(deps);
  const kit: ServiceKit = { ...deps.kit, clock };
  await ensureStreams(bus);
  const publisher = createPublisher(kit, bus, spool, clock.witness);
  const loopDelay = deps.loopDelay ?? createLoopDelay();
  const metrics = createProberMetrics(kit, spool);
  const stopping = new AbortController();
  const rounds = new Set<Promise<void>>();
  const watches = new Map<string, Watch>();
  const paused = new Set<string>();
  const lastSlots = new Map(spool.lastSlots);
  const inTurn = new Map<string, Promise<unknown>>();
  const { sharing, region, name: proberName } = deps;
  const assignment = sharing === undefined ? alone : createAssignment({ kit, bus, region, name: proberName, sharing });
  const usual = createUsualTimes();
  const schedule = createSchedule<Planned>(kit.clock);
  const atOnce = createAtOnce(kit.clock, stopping.signal);
  const hosts = createHostPlaces(deps.perHost ?? CHECKS_PER_HOST);
  const roundDeps = {
    secret: () => undefined,
    ...deps,
    kit,
    hosts,
    loopDelayP99Ms: () => loopDelay.p99Ms(),
    usual: (id: string) => usual.of(id),
  };
  let settle: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    settle = resolve;
  });

  const lastSlotsOf = (id: string): LastSlots => lastSlots.get(id) ?? NO_SLOTS;
  /** An instant names one round, as soon as that begins. */
  const name = (id: string, slotMs: number, onDemand = false): void =>
    void lastSlots.set(id, withResult(lastSlotsOf(id), { slotMs, missedUntilMs: 0, onDemand }));
  const submit = async (result: CheckResult): Promise<void> => {
    lastSlots.set(result.monitorId, withResult(lastSlotsOf(result.monitorId), result));
    metrics.observe(result);
    const watch = watches.get(result.monitorId);
    if (watch !== undefined) secondLook.note(watch.spec, result, usual.of(result.monitorId));
    usual.note(result.monitorId, result);
    await publisher.submit(result);
  };
  const track = (work: Promise<void>): void => {
    const tracked: Promise<void> = work
      .catch((error: unknown) => kit.log.error("prober.round_failed", { error }))
      .finally(() => rounds.delete(tracked));
    rounds.add(tracked);
  };
  /**
   * Submits what the slots of a monitor gave in the order of the slots, however long a round takes: the next life of this
   * prober takes a slot that is on disk for a proof that those before it are as well.
   */
  const submitInTurn = (monitorId: string, coming: CheckResult | Promise<CheckResult>): void => {
    let submitted: Promise<void> | undefined;
    const turn = Promise.allSettled([coming, inTurn.get(monitorId)]).then(([came]) => {
      if (inTurn.get(monitorId) === turn) inTurn.delete(monitorId);
      if (came.status === "rejected") throw came.reason;
      // A round that stopping cut short says nothing about the target.
      if (!stopping.signal.aborted) submitted = submit(came.value);
    });
    inTurn.set(monitorId, turn);
    track(turn.then(() => submitted));
  };
  const run = async (watch: Watch, slotMs: number): Promise<CheckResult> => {
    watch.running = true;
    try {
      const { monitor, spec } = watch;
      const request = { monitor, spec, slotMs, onDemand: false, traceparent: "", requestId: "" };
      return await orBroken(roundDeps, request, stopping.signal, () => runRound(roundDeps, request, stopping.signal));
    } finally {
      watch.running = false;
    }
  };
  const plan = (watch: Watch, slotMs: number, inMs: number): void =>
    schedule.add(kit.clock.monotonic() + inMs, { watch, slotMs });
  const fire = ({ watch, slotMs }: Planned, dueMs: number): void => {
    const { monitor, spec, phaseMs } = watch;
    if (slotMs === undefined) return lookAtOnce(watch);
    if (watches.get(monitor.id) !== watch || slotMs > (watch.othersFromMs ?? slotMs)) return;
    const planned = { slotMs, lateMs: kit.clock.monotonic() - dueMs };
    const now = { nowMs: kit.clock.now(), lastMs: lastSlotsOf(monitor.id).newestMs, ranMs: watch.ranMs };
    const due = dueSlot(planned, now, spec.everyMs, phaseMs);
    name(monitor.id, due.slotMs);
    watch.ranMs = Math.max(watch.ranMs, due.slotMs);
    plan(watch, due.next.slotMs, due.next.inMs);
    const miss = (missed: MissedSlots, reason: string): void =>
      submitInTurn(monitor.id, missedResult(deps, monitor, missed, spec.everyMs, reason));
    if (due.missed !== undefined) miss(due.missed, due.missed.reason);
    if (watch.running) miss({ firstMs: due.slotMs, count: 1 }, "still_running");
    else submitInTurn(monitor.id, run(watch, due.slotMs));
  };
  /** Unless a slot of it has come meanwhile, or it is another's or gone. */
  const lookAtOnce = (watch: Watch): void =>
    atOnce.add(() => {
      const { id } = watch.monitor;
      if (watches.get(id) !== watch || watch.ranMs > 0 || watch.othersFromMs !== undefined) return undefined;
      const slotMs = Math.max(kit.clock.now(), lastSlotsOf(id).newestMs + 1);
      watch.ranMs = slotMs;
      name(id, slotMs);
      const round = run(watch, slotMs);
      submitInTurn(id, round);
      return round;
    });
  /**
   * Each under its own name, which the result has that another prober may have got of it: of two with one name, one
   * counts. Very many are told as one, but for the newest.
   */
  const missOneByOne = ({ monitor, spec }: Watch, { firstMs, count }: MissedSlots, reason: string): void => {
    const miss = (missed: MissedSlots): void =>
      submitInTurn(monitor.id, missedResult(deps, monitor, missed, spec.everyMs, reason));
    const older = Math.max(0, count - MOST_LOST);
    if (older > 0) miss({ firstMs, count: older });
    for (let i = older; i < count; i += 1) miss({ firstMs: firstMs + i * spec.everyMs, count: 1 });
  };
  /** Slots that the prober before may not have run are run late as one; what it gave up in good order goes on. */
  const take = (watch: Watch, handover: Handover): void => {
    const { monitor, spec, phaseMs } = watch;
    const mine: Watch = { ...watch, running: false, othersFromMs: undefined };
    watches.set(monitor.id, mine);
    const now = kit.clock.now();
    const lostSinceMs = handover.lostSinceMs(monitor.id);
    // What was under way when it was last heard of ended with it.
    const lost =
      lostSinceMs === undefined ? undefined : missedSlots(lostSinceMs - spec.timeoutMs, now, spec.everyMs, phaseMs);
    if (lost !== undefined) {
      missOneByOne(mine, lost, "prober_lost");
      lookAtOnce(mine);
    }
    const first = nextSlot(now, spec.everyMs, phaseMs);
    plan(mine, first, first - now);
  };
  /** Those that are another's now are run for a moment longer: a slot run by both is one result. */
  const onShare = (handover: Handover): Promise<void> =>
    inTurns([...watches.keys()], (id) => {
      const watch = watches.get(id);
      if (watch === undefined) return;
      const owned = assignment.owns(id);
      if (owned && watch.othersFromMs !== undefined) take(watch, handover);
      else if (!owned && watch.othersFromMs === undefined) watch.othersFromMs = kit.clock.now() + OVERLAP_MS;
    });
  const onMonitor = (monitor: Monitor, rounds: readonly Beat[]): void => {
    const { spec } = monitor;
    const known = watches.get(monitor.id);
    if (spec === undefined || known?.monitor.version === monitor.version) return;
    // What was usual of another definition says nothing of this one.
    if (known !== undefined) usual.forget(monitor.id);
    else usual.begin(monitor.id, rounds);
    if (spec.paused) {
      watches.delete(monitor.id);
      paused.add(monitor.id);
      return;
    }
    const phaseMs = phaseOf(monitor.id, spec.everyMs);
    const watch: Watch = {
      monitor,
      spec,
      phaseMs,
      running: false,
      ranMs: 0,
      onDemand: Promise.resolve(),
      othersFromMs: 0,
    };
    watches.set(monitor.id, watch);
    if (!assignment.owns(monitor.id)) {
      paused.delete(monitor.id);
      return settle();
    }
    watch.othersFromMs = undefined;
    const now = kit.clock.now();
    const wasPaused = paused.delete(monitor.id);
    const last = known === undefined && !wasPaused ? lastSlotsOf(monitor.id).inTurnMs : 0;
    const gap = known === undefined && !wasPaused ? assignment.gap(monitor.id, last, spec.timeoutMs) : undefined;
    if (gap !== undefined && now - gap.fromMs < MAX_MISSED_MS) {
      // The slot of this very instant is run below.
      const missed = missedSlots(gap.fromMs, Math.min(gap.untilMs, now - 1), spec.everyMs, phaseMs);
      if (missed !== undefined && sharing !== undefined) missOneByOne(watch, missed, "prober_stopped");
      else if (missed !== undefined) {
        const named = { ...missed, nameMs: instantFor(missed, last) };
        submitInTurn(monitor.id, missedResult(deps, monitor, named, spec.everyMs, "prober_stopped"));
      }
    }
    // A new or changed monitor is checked at once; its slots follow. At a start, those of before may wait for theirs.
    const isKnown = lastSlots.has(monitor.id);
    const spreads = deps.firstChecks !== "at-once" && isKnown && known === undefined && !wasPaused;
    if (!spreads) lookAtOnce(watch);
    else if (spec.everyMs > SPREAD_MS) {
      schedule.add(kit.clock.monotonic() + (phaseMs % SPREAD_MS), { watch, slotMs: undefined });
    }
    // A slot right after the very first check would confirm a blip of a moment as an outage. One that was made long ago
    // may have been checked by a life whose disk was full, and then this slot is not the first.
    const isNew = !isKnown && (wasPaused || Math.abs(now - monitor.createdAtMs) < spec.everyMs / 2);
    const first = nextSlot(isNew ? now + spec.everyMs / 2 : now, spec.everyMs, phaseMs);
    plan(watch, first, first - now);
    settle();
  };
  const runOnDemand = async (watch: Watch, asked: CheckRequested, timeoutMs: number): Promise<void> => {
    const { traceparent, requestId } = asked;
    if (watches.get(watch.monitor.id) !== watch) return;
    const last = lastSlotsOf(watch.monitor.id).newestMs;
    const slotMs = freeInstant(last, kit.clock.now(), watch.spec.everyMs, watch.phaseMs);
    name(watch.monitor.id, slotMs, true);
    const spec = { ...watch.spec, timeoutMs };
    const request = { ...watch, spec, slotMs, onDemand: true, traceparent, requestId };
    const { signal } = stopping;
    const result = await orBroken(roundDeps, request, signal, () => runRound(roundDeps, request, signal));
    if (!stopping.signal.aborted) await submit(result);
  };
  /** Rounds out of turn: one after the other per monitor, without waiting for those of another. */
  const checkNow = (request: CheckRequested, timeoutMs?: number): Promise<void> => {
    const watch = watches.get(request.monitorId);
    if (watch === undefined) return Promise.resolve();
    const work = watch.onDemand.then(() => runOnDemand(watch, request, timeoutMs ?? watch.spec.timeoutMs));
    watch.onDemand = work.catch(() => undefined);
    track(work);
    return Promise.resolve();
  };

  const looking = { kit, bus, name: `${deps.region}/${deps.name}`, recheck: checkNow };
  const secondLook = createSecondLook(looking, stopping.signal);
  const onRemoved = (id: string): void => {
    watches.delete(id);
    secondLook.forget(id);
    usual.forget(id);
  };
  const handlers = { onMonitor, onRemoved };
  const follow = async (): Promise<void> => {
    await Promise.race([assignment.known, aborted(stopping.signal)]);
    await followMonitors(kit, deps.api, handlers, stopping.signal);
  };
  const working = Promise.all([
    assignment.run(onShare, stopping.signal),
    follow(),
    schedule.run(fire, stopping.signal),
    onCheckRequested(kit, bus, checkNow, secondLook, stopping.signal),
  ]);
  return {
    ready,
    health: () => publisher.trouble() ?? (bus.connected() ? null : "bus_unavailable"),
    stop: async () => {
      if (assignment.shared) {
        await assignment.drain();
        for (const watch of watches.values()) watch.othersFromMs ??= kit.clock.now() + DRAIN_OVERLAP_MS;
        await kit.clock.sleep(DRAIN_OVERLAP_MS, new AbortController().signal);
        const limit = new AbortController();
        await Promise.race([Promise.allSettled(rounds), kit.clock.sleep(DRAIN_MS, limit.signal)]);
        limit.abort();
      }
      watches.clear();
      stopping.abort();
      await Promise.allSettled(rounds);
      await working;
      await publisher.stop();
      await spool.close();
      loopDelay.stop();
      await deps.selfCheck?.stop();
    },
  };
}

/** The clock by which rounds are named: one that is set meanwhile is not believed before the fold agrees with it. */
const steadyClockOf = ({ kit, sinceBootMs }: ProberDeps): SteadyClock =>
  createSteadyClock(kit.clock, {
    sinceBootMs,
    onTurn: (turn, byMs) => kit.log.warn(`prober.clock_${turn}`, { byMs: Math.round(byMs) }),
  });

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10];

function createProberMetrics(
  kit: ServiceKit,
  spool: Pick<Spool, "size" | "bytes">,
): { observe(result: CheckResult): void } {
  const checks = kit.metrics.counter("sentinel_prober_checks_total", "Rounds, by verdict.", ["verdict"]);
  const seconds = kit.metrics.histogram("sentinel_prober_check_duration_seconds", "Duration of a round.", SECONDS);
  const lateness = kit.metrics.histogram("sentinel_prober_lateness_seconds", "Start after the slot.", SECONDS);
  const waiting = kit.metrics.gauge("sentinel_prober_spool_results", "Results the fold has not confirmed.");
  const bytes = kit.metrics.gauge("sentinel_prober_spool_bytes", "Size of the spool on disk.");
  return {
    observe: (result) => {
      checks.inc({ verdict: result.verdict.replace("VERDICT_", "").toLowerCase() });
      waiting.set(spool.size());
      bytes.set(spool.bytes?.() ?? 0);
      if (result.startedAtMs === 0) return;
      seconds.observe(result.durationMs / 1000);
      if (!result.onDemand) lateness.observe(Math.max(0, result.startedAtMs - result.slotMs) / 1000);
    },
  };
}
