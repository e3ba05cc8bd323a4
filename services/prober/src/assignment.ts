import { setImmediate as nextTurn } from "node:timers/promises";
import type { ProberBeat } from "@sentinel/contracts";
import {
  beats,
  type Bus,
  ensureProbers,
  lastBeats,
  PROBER_BEAT_MS,
  PROBER_DEAD_MS,
  sayBeat,
} from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { type Gap, gapOf } from "./core/gap.ts";
import { type Candidate, ownersOf } from "./core/owners.ts";

/** How the monitors of a region are shared by its probers. */
export interface Sharing {
  /** Its part beside the others of its region; 1 unless told. */
  readonly weight?: number;
  /** How many probers of the region watch each monitor; 1 unless told. */
  readonly owners?: number;
}

/** Who had monitors that are this prober's now. */
export interface Handover {
  /** Those of nobody before, and those that are given over in good order, begin with their next slot. */
  readonly lostSinceMs: (monitorId: string) => number | undefined;
}

export interface Assignment {
  owns(monitorId: string): boolean;
  /**
   * What nobody can have looked at before this prober began, of a monitor whose newest slot that is known here is `lastMs`
   * (0 for none): until others had noticed that it was gone, or, where there were none, until now. A slot at its edges may
   * have been run by another.
   */
  gap(monitorId: string, lastMs: number, timeoutMs: number): Gap | undefined;
  /** Others of this region are there. */
  readonly shared: boolean;
  /** Once it is known who is there. */
  readonly known: Promise<void>;
  /** Tells the others to take over. */
  drain(): Promise<void>;
  run(onChanged: (handover: Handover) => Promise<void>, signal: AbortSignal): Promise<void>;
}

interface AssignmentDeps {
  readonly kit: Pick<ServiceKit, "clock" | "log">;
  readonly bus: Bus;
  readonly region: string;
  readonly name: string;
  readonly sharing: Sharing;
}

interface Member extends Candidate {
  readonly heardMonoMs: number;
  readonly heardAtMs: number;
  readonly draining: boolean;
}

const RETRY_MS = 500;
/** Within this, probers that are started together have heard of each other. */
const SETTLE_MS = 1000;
const LOOK_MS = 250;
/** Clocks of probers may differ, so this is much more than a beat. */
const KEPT_MS = 60_000;

/**
 * Membership by beats on the bus. Everybody works out alone what is whose. One that cannot hear even itself is cut off,
 * and changes nothing until it hears again: the others may well be there.
 */
export function createAssignment({ kit, bus, region, name, sharing }: AssignmentDeps): Assignment {
  const { clock } = kit;
  const owners = sharing.owners ?? 1;
  const members = new Map<string, Member>();
  const known = Promise.withResolvers<void>();
  let draining = false;
  /** What everybody had said last when this prober began. */
  let before: readonly ProberBeat[] = [];
  let live: readonly Candidate[] = [];
  const startedMonoMs = clock.monotonic();
  let hearsSinceMonoMs = Number.NEGATIVE_INFINITY;
  let selfMonoMs = Number.NEGATIVE_INFINITY;
  const beat = (): ProberBeat => ({ region, name, weight: sharing.weight ?? 1, draining, atMs: clock.now() });
  const say = (): Promise<void> =>
    sayBeat(bus, beat()).catch((error: unknown) => kit.log.warn("prober.beat_not_said", { error }));
  const hear = (heard: ProberBeat): void => {
    if (heard.region !== region) return;
    const monoMs = clock.monotonic();
    if (heard.name === name) {
      if (monoMs - selfMonoMs > PROBER_DEAD_MS) hearsSinceMonoMs = monoMs;
      selfMonoMs = monoMs;
    }
    const { weight } = heard;
    const heardAtMs = clock.now();
    members.set(heard.name, { name: heard.name, weight, heardMonoMs: monoMs, heardAtMs, draining: heard.draining });
  };
  const liveNow = (): readonly Candidate[] => {
    const monoMs = clock.monotonic();
    const isCutOff = monoMs - selfMonoMs > PROBER_DEAD_MS;
    const isThere = (each: Member): boolean =>
      each.name === name || (!each.draining && monoMs - Math.max(each.heardMonoMs, hearsSinceMonoMs) <= PROBER_DEAD_MS);
    return isCutOff ? live : [...members.values()].filter(isThere).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  };
  const ownersIn = (among: readonly Candidate[], monitorId: string): readonly string[] =>
    ownersOf(monitorId, among, owners);
  const listen = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await ensureProbers(bus);
        for await (const heard of beats(bus, signal)) {
          // What was kept from somebody long gone says nothing of who is there.
          if (heard.name === name || clock.now() - heard.atMs < KEPT_MS || members.has(name)) hear(heard);
        }
      } catch (error) {
        if (!signal.aborted) kit.log.warn("prober.others_not_heard", { error });
      }
      await clock.sleep(RETRY_MS, signal);
    }
  };
  const lookBack = async (signal: AbortSignal): Promise<void> => {
    try {
      await ensureProbers(bus);
      before = (await lastBeats(bus, signal)).filter((each) => each.region === region);
    } catch (error) {
      if (!signal.aborted) kit.log.warn("prober.others_not_heard", { error });
    }
  };
  const speak = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await say();
      await clock.sleep(PROBER_BEAT_MS, signal);
    }
  };
  /** Where others were there not long ago, all of them may be starting: who has what is told when they have spoken. */
  const settledMonoMs = (): number => startedMonoMs + (before.some((each) => each.name !== name) ? SETTLE_MS : 0);
  const lookAround = async (onChanged: (handover: Handover) => Promise<void>, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const earlier = live;
      const now = liveNow();
      const keyOf = (among: readonly Candidate[]): string => among.map((each) => `${each.name} ${each.weight}`).join();
      if (keyOf(earlier) !== keyOf(now)) {
        live = now;
        kit.log.info("prober.share_changed", { region, probers: now.map((each) => each.name) });
        await onChanged({
          lostSinceMs: (id) => {
            const gone = ownersIn(earlier, id).find((each) => !now.some((other) => other.name === each));
            const last = gone === undefined ? undefined : members.get(gone);
            return last === undefined || last.draining ? undefined : last.heardAtMs;
          },
        });
      }
      if (live.length > 0 && clock.monotonic() >= settledMonoMs()) known.resolve();
      await clock.sleep(LOOK_MS, signal);
    }
  };
  return {
    owns: (id) => live.length > 0 && ownersIn(live, id).includes(name),
    gap: (id, lastMs, timeoutMs) =>
      gapOf({ id, lastMs, timeoutMs, before, name, owners, goneMs: PROBER_DEAD_MS, nowMs: clock.now() }),
    get shared() {
      return live.length > 1;
    },
    known: known.promise,
    drain: async () => {
      draining = true;
      await say();
    },
    run: async (onChanged, signal) => {
      await lookBack(signal);
      await Promise.all([listen(signal), speak(signal), lookAround(onChanged, signal)]);
      known.resolve();
    },
  };
}

/** The prober is the only one of its region. */
export const alone: Assignment = {
  owns: () => true,
  gap: (_id, lastMs) => (lastMs > 0 ? { fromMs: lastMs, untilMs: Number.POSITIVE_INFINITY } : undefined),
  shared: false,
  known: Promise.resolve(),
  drain: () => Promise.resolve(),
  run: () => Promise.resolve(),
};

const A_TURN = 500;

/** A few at a time, so that checks that are due need not wait for ten thousand of them. */
export async function inTurns<T>(items: readonly T[], each: (item: T) => void): Promise<void> {
  for (let from = 0; from < items.length; from += A_TURN) {
    for (const item of items.slice(from, from + A_TURN)) each(item);
    await nextTurn();
  }
}
