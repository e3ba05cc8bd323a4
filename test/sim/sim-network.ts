import { type Egress, EgressError, type EgressRequest, type EgressResponse } from "@sentinel/egress";
import { createMemoryNetwork, type VirtualClock } from "@sentinel/testkit";
import type { Dice } from "./dice.ts";
import type { TargetScript } from "./plan.ts";
import type { SimProcess } from "./sim-process.ts";

export interface NetworkFaults {
  /** The request never arrives. */
  drop: number;
  /** It arrives and is answered, and the answer does not come back in time. */
  loseAnswer: number;
  delayMs: number;
}

/** A wake-up request, as it left. */
export interface Knock {
  readonly url: string;
  readonly process: string;
  readonly atMs: number;
  endedAtMs: number;
}

/** A message as it arrived at the receiver and was taken. */
export interface Arrival {
  readonly id: string;
  readonly possibleDuplicate: boolean;
  readonly atMs: number;
}

export const HOOK = "http://hooks.test";

/** Targets and receivers with books of their own: what they saw, not what Sentinel says. */
export class SimNetwork {
  readonly faults: NetworkFaults = { drop: 0, loseAnswer: 0, delayMs: 20 };
  readonly knocks: Knock[] = [];
  readonly arrivals: Arrival[] = [];
  /** Receivers refuse for now. */
  sinkDown = false;
  requests = 0;
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #network: ReturnType<typeof createMemoryNetwork>;

  constructor(clock: VirtualClock, dice: Dice) {
    this.#clock = clock;
    this.#dice = dice;
    this.#network = createMemoryNetwork(clock);
    this.#network.serve(HOOK, ({ headers, body }) => {
      if (this.sinkDown) return { status: 503 };
      const { data } = JSON.parse(body);
      const { possibleDuplicate } = data;
      const id = headers["webhook-id"] ?? "";
      this.arrivals.push({ id, possibleDuplicate: possibleDuplicate === true, atMs: clock.monotonic() });
      return { status: 204, afterMs: dice.between(1, 50) };
    });
  }

  /** A target that behaves by its script. */
  serve(origin: string, script: TargetScript): void {
    let awakeUntilMs = Number.NEGATIVE_INFINITY;
    let awakeFromMs = Number.POSITIVE_INFINITY;
    this.#network.serve(origin, ({ headers }) => {
      this.requests += 1;
      const nowMs = this.#clock.monotonic();
      const trouble = script.troubles.find((each) => nowMs >= each.fromMs && nowMs < each.untilMs);
      const afterMs = this.#dice.between(1, 30);
      if (trouble === undefined) return { status: 200, afterMs };
      switch (trouble.kind) {
        case "down":
          return { status: 503, afterMs };
        case "broken":
          return { status: 500, afterMs };
        case "refused":
          return undefined;
        case "slow":
          return { status: 200, afterMs: script.slowMs };
        case "hanging":
          return { status: 200, afterMs: 120_000 };
        case "flapping":
          return { status: Math.floor((nowMs - trouble.fromMs) / trouble.periodMs) % 2 === 0 ? 503 : 200, afterMs };
        case "sleeping": {
          if (awakeUntilMs !== trouble.untilMs) {
            awakeUntilMs = trouble.untilMs;
            awakeFromMs = Number.POSITIVE_INFINITY;
          }
          if (headers["sentinel-purpose"] === "wake-up") awakeFromMs = Math.min(awakeFromMs, nowMs + trouble.periodMs);
          return { status: nowMs >= awakeFromMs ? 200 : 503, afterMs };
        }
      }
    });
  }

  connect(process: SimProcess): Egress {
    const { egress } = this.#network;
    return {
      ...egress,
      request: (asked) => process.effect(() => this.#watched(process, asked)),
    };
  }

  async #watched(process: SimProcess, asked: EgressRequest): Promise<EgressResponse> {
    const knocks = asked.headers?.["sentinel-purpose"] === "wake-up" && asked.signal?.aborted !== true;
    if (!knocks) return await this.#request(asked);
    const knock: Knock = {
      url: asked.url,
      process: process.name,
      atMs: this.#clock.monotonic(),
      endedAtMs: Number.POSITIVE_INFINITY,
    };
    this.knocks.push(knock);
    try {
      return await this.#request(asked);
    } finally {
      knock.endedAtMs = this.#clock.monotonic();
    }
  }

  async #request(asked: EgressRequest): Promise<EgressResponse> {
    const { drop, loseAnswer, delayMs } = this.faults;
    const untilMs = this.#clock.monotonic() + asked.timeoutMs;
    const leftMs = (): number => Math.max(1, untilMs - this.#clock.monotonic());
    const timeout = async (reason: string, phase: "connect" | "first_byte"): Promise<never> => {
      await this.#clock.sleep(leftMs(), asked.signal);
      throw new EgressError({ reason, params: {}, phase, facts: nothing });
    };
    if (this.#dice.chance(drop)) return await timeout("timeout_in_connect", "connect");
    const lost = this.#dice.chance(loseAnswer);
    await this.#clock.sleep(Math.min(leftMs(), this.#dice.next() * delayMs), asked.signal);
    if (asked.signal?.aborted === true) return await timeout("timeout_in_connect", "connect");
    const fromMs = this.#clock.monotonic();
    const answer = await this.#network.egress.request({ ...asked, timeoutMs: leftMs() });
    if (lost) return await timeout("timeout_in_first_byte", "first_byte");
    return { ...answer, phases: { ...answer.phases, firstByteMs: this.#clock.monotonic() - fromMs } };
  }
}

const nothing = {
  phases: { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 0, transferMs: 0 },
  remoteAddress: undefined,
  status: undefined,
  headers: {},
  body: new Uint8Array(),
  certificate: undefined,
  redirects: [],
};
