import type { ProberBeat } from "@sentinel/contracts";
import { beats, type Bus, ensureProbers, PROBER_BEAT_MS, PROBER_DEAD_MS } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Listening } from "./core/coverage.ts";

/** Who says to be there, by the beats of the probers. Nobody does in all-in-one, whose only prober is of this process. */
interface ProberRoll extends Pick<Listening, "prober" | "anyProber" | "live"> {
  run(signal: AbortSignal): Promise<void>;
}

interface Member {
  readonly region: string;
  readonly name: string;
  readonly heardMonoMs: number;
  readonly draining: boolean;
}

const RETRY_MS = 1000;
/** Longer than probers wait for each other: one that is late is no reason to call it gone. */
const GONE_MS = PROBER_DEAD_MS + 2 * PROBER_BEAT_MS;
/** What was said longer ago, by a clock that may not be ours, comes from somebody who may be gone. */
const OLD_MS = 60_000;

export function createProberRoll({ kit, bus }: { readonly kit: Pick<ServiceKit, "clock" | "log">; readonly bus: Bus }) {
  const { clock } = kit;
  const members = new Map<string, Member>();
  const keyOf = (region: string, name: string): string => `${region} ${name}`;
  const isLive = ({ heardMonoMs, draining }: Member): boolean =>
    !draining && clock.monotonic() - heardMonoMs <= GONE_MS;
  const hear = ({ region, name, draining, atMs }: ProberBeat): void => {
    const key = keyOf(region, name);
    // The last word of everybody is kept, also of those who were gone before this process began to listen.
    const isOld = !members.has(key) && clock.now() - atMs > OLD_MS;
    const heardMonoMs = isOld ? Number.NEGATIVE_INFINITY : clock.monotonic();
    members.set(key, { region, name, heardMonoMs, draining });
  };
  const roll: ProberRoll = {
    prober: (region, name) => {
      const found = members.get(keyOf(region, name));
      if (found === undefined) return "unknown";
      return isLive(found) ? "live" : "gone";
    },
    get anyProber() {
      return members.size === 0 || [...members.values()].some(isLive);
    },
    get live() {
      return [...members.values()].filter(isLive).map(({ region, name }) => ({ region, name }));
    },
    run: async (signal) => {
      while (!signal.aborted) {
        try {
          await ensureProbers(bus);
          for await (const beat of beats(bus, signal)) hear(beat);
        } catch (error) {
          if (!signal.aborted) kit.log.warn("incidents.probers_not_heard", { error });
        }
        await clock.sleep(RETRY_MS, signal);
      }
    },
  };
  return roll;
}
