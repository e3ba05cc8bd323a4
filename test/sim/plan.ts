import { MonitorSpec, Nature, RepairAction, RepairMode } from "@sentinel/contracts";
import { type FailpointName, FAILPOINTS } from "@sentinel/service-kit";
import { createDice, type Dice } from "./dice.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What befalls a target, and when. */
export interface Trouble {
  readonly kind: "down" | "broken" | "refused" | "slow" | "hanging" | "flapping" | "sleeping";
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of flapping: how long each side lasts; of sleeping: from the knock to the first answer. */
  readonly periodMs: number;
}

export interface TargetScript {
  readonly troubles: readonly Trouble[];
  readonly slowMs: number;
}

export interface PlannedMonitor {
  readonly spec: MonitorSpec;
  readonly origin: string;
  readonly script: TargetScript;
  /** When a person adds it. */
  readonly atMs: number;
}

export type Who = "prober" | "far" | "incidents" | "standby";

export type Roles = readonly [Who, ...Who[]];

/** What goes wrong, or what a person does. */
export type Deed =
  | { readonly kind: "crash" | "restart"; readonly who: Who; readonly forMs: number }
  | { readonly kind: "failpoint"; readonly point: FailpointName; readonly forMs: number }
  | { readonly kind: "pause"; readonly who: Who; readonly forMs: number }
  | { readonly kind: "broker_away" | "broker_tail_lost" | "broker_made_anew"; readonly forMs: number }
  | { readonly kind: "broker_flaky" | "store_flaky" | "network_flaky"; readonly forMs: number; readonly rate: number }
  | { readonly kind: "store_away" | "sink_away" | "disk_full" | "api_away"; readonly forMs: number }
  | { readonly kind: "clock_jump"; readonly who: Who; readonly byMs: number }
  | { readonly kind: "acknowledge" | "resolve" | "check_now" | "pause_monitor" | "change_monitor" | "delete_monitor" };

export interface Planned {
  readonly atMs: number;
  readonly deed: Deed;
}

/** One world, as its seed says. */
export interface Plan {
  readonly seed: number;
  /** Two incidents services on one store, or one that need not wait for leases. */
  readonly pair: boolean;
  /** A second prober, in a region and on a machine of its own. */
  readonly far: boolean;
  /** Every process there is. */
  readonly roles: Roles;
  /** How long things go wrong. */
  readonly forMs: number;
  readonly monitors: readonly PlannedMonitor[];
  readonly deeds: readonly Planned[];
  /** For the chance of all that runs. */
  readonly dice: Dice;
}

export function makePlan(seed: number): Plan {
  const dice = createDice(seed);
  const size = dice.next();
  const pair = dice.chance(0.4);
  // Many short worlds and a few long ones, so that 200 of them take less than three minutes of one processor.
  const forMs = Math.round(10 * MINUTE + size ** 5 * 4 * HOUR);
  const count = dice.chance(0.7) ? dice.between(1, 5) : dice.between(6, 20);
  const monitors = Array.from({ length: count }, (_, index) => planMonitor(dice, index, forMs, count));
  // Of dice of its own: the other plans stay what they are.
  const far = createDice(seed + 1_000_003).chance(0.3);
  const roles: Roles = [
    "prober",
    "incidents",
    ...(pair ? (["standby"] as const) : []),
    ...(far ? (["far"] as const) : []),
  ];
  const deeds = planDeeds(dice, forMs, roles);
  return { seed, pair, far, roles, forMs, monitors, deeds, dice };
}

function planMonitor(dice: Dice, index: number, forMs: number, count: number): PlannedMonitor {
  const origin = `http://target-${index}.test`;
  const everyMs = dice.between(count > 5 ? 20 : 5, 120) * SECOND;
  const timeoutMs = Math.min(everyMs - 100, dice.between(500, 10_000));
  const slowAfterMs = Math.round(timeoutMs / 2);
  const spec = MonitorSpec.fromPartial({
    name: `target-${index}`,
    endpoints: [{ url: `${origin}/health`, method: "GET" }],
    everyMs,
    timeoutMs,
    failuresToConfirm: dice.between(1, 3),
    successesToResolve: dice.between(1, 2),
    slowAfterMs,
    repair: {
      action: RepairAction.WAKE_UP,
      mode: dice.chance(0.8) ? RepairMode.AUTO : RepairMode.OBSERVE,
      patienceMs: dice.between(2, 30) * SECOND,
      cooldownMs: dice.between(0, 300) * SECOND,
      hourlyCap: dice.between(1, 6),
    },
    nature: Nature.TECHNICAL,
  });
  const troubles: Trouble[] = [];
  for (let atMs = dice.between(5, 300) * SECOND; atMs < forMs;) {
    const kind = dice.pick<Trouble["kind"]>([
      "down",
      "broken",
      "refused",
      "slow",
      "hanging",
      "flapping",
      "sleeping",
      "sleeping",
    ]);
    const lasts = kind === "sleeping" ? dice.between(2, 20) : dice.between(1, 12);
    const untilMs = Math.min(forMs, Math.round(atMs + lasts * everyMs * dice.next() * 1.5));
    const periodMs = kind === "flapping" ? dice.between(1, 6) * everyMs : dice.between(100, 8000);
    troubles.push({ kind, fromMs: atMs, untilMs, periodMs });
    atMs = untilMs + Math.round(dice.between(1, 40) * everyMs * dice.next());
  }
  const slowMs = Math.round(slowAfterMs + (timeoutMs - slowAfterMs) / 3);
  const late = dice.chance(0.3) ? dice.between(0, Math.round(forMs / 2)) : dice.between(0, 2000);
  return { spec, origin, script: { troubles, slowMs }, atMs: late };
}

function planDeeds(dice: Dice, forMs: number, roles: Roles): Planned[] {
  const deeds: Planned[] = [];
  // Some worlds are calm, some are at war.
  const everyMs = dice.pick([20, 60, 60, 180, 600]) * SECOND;
  for (let atMs = dice.between(1, 60) * SECOND; atMs < forMs; atMs += Math.round(dice.next() * 2 * everyMs) + 1) {
    deeds.push({ atMs, deed: planDeed(dice, roles) });
  }
  return deeds;
}

function planDeed(dice: Dice, roles: Roles): Deed {
  const briefly = (): number => Math.round(dice.pick([0.3, 2, 8, 30, 90]) * SECOND * (0.5 + dice.next()));
  const who = (): Who => dice.pick(roles);
  const kind = dice.pick([
    ...(["crash", "crash", "crash", "restart", "failpoint", "failpoint", "failpoint", "pause"] as const),
    ...(["broker_away", "broker_tail_lost", "broker_made_anew", "broker_flaky", "broker_flaky"] as const),
    ...(["store_away", "store_flaky", "store_flaky", "network_flaky", "sink_away", "api_away"] as const),
    ...(["clock_jump", "disk_full"] as const),
    ...(["acknowledge", "resolve", "check_now", "check_now", "pause_monitor", "change_monitor"] as const),
    ...(["delete_monitor"] as const),
  ]);
  const forMs = briefly();
  switch (kind) {
    case "crash":
    case "restart":
      return { kind, who: who(), forMs };
    case "failpoint": {
      const [first, ...rest] = FAILPOINTS;
      return { kind, point: dice.pick([first, ...rest]), forMs };
    }
    case "pause":
      // A single service is alone on its store by promise; a paused one beside its successor would break that.
      return { kind, who: who(), forMs };
    case "broker_flaky":
    case "store_flaky":
    case "network_flaky":
      return { kind, forMs: forMs * 3, rate: dice.next() ** 2 };
    case "clock_jump":
      return { kind, who: who(), byMs: dice.pick([-HOUR, HOUR, -MINUTE, MINUTE, -2 * SECOND]) };
    case "acknowledge":
    case "resolve":
    case "check_now":
    case "pause_monitor":
    case "change_monitor":
    case "delete_monitor":
      return { kind };
    default:
      return { kind, forMs };
  }
}
