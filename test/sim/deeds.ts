import type { MonitorView, SentinelApi } from "@sentinel/contracts";
import type { Deed } from "./plan.ts";
import { CALM } from "./sim-store.ts";
import type { World } from "./world.ts";

const context = (): { signal: AbortSignal; traceparent: string } => ({
  signal: new AbortController().signal,
  traceparent: "",
});

/** Lets one planned thing happen; what lasts ends by itself. */
export async function act(world: World, deed: Deed): Promise<void> {
  const { clock, broker, store, network, disks } = world;
  world.say(JSON.stringify(deed));
  switch (deed.kind) {
    case "crash":
      return world.crash(deed.who, deed.forMs);
    case "restart":
      return await world.restart(deed.who, deed.forMs);
    case "failpoint":
      world.armed = { point: deed.point, backMs: deed.forMs };
      return;
    case "pause": {
      const process = world.process(deed.who);
      process?.pause();
      await clock.sleep(deed.forMs);
      return process?.resume();
    }
    case "broker_away":
    case "broker_tail_lost":
    case "broker_made_anew":
      if (!broker.up) return;
      broker.down();
      await clock.sleep(deed.forMs);
      if (deed.kind === "broker_tail_lost") broker.loseTail();
      if (deed.kind === "broker_made_anew") broker.forgetEverything();
      return broker.start();
    case "broker_flaky": {
      const calm = { ...broker.faults };
      const { rate } = deed;
      Object.assign(broker.faults, { refuse: rate / 2, loseAck: rate / 2, duplicate: rate / 2, delayMs: 2000 * rate });
      await clock.sleep(deed.forMs);
      Object.assign(broker.faults, calm);
      return;
    }
    case "store_flaky": {
      const { rate } = deed;
      const flaky = { refuse: rate / 3, loseBefore: rate / 3, loseAfter: rate / 3, delayMs: 500 * rate };
      Object.assign(store.faults, flaky);
      await clock.sleep(deed.forMs);
      Object.assign(store.faults, { ...CALM, down: store.faults.down });
      return;
    }
    case "network_flaky":
      Object.assign(network.faults, { drop: deed.rate / 2, loseAnswer: deed.rate / 2, delayMs: 2000 * deed.rate });
      await clock.sleep(deed.forMs);
      Object.assign(network.faults, { drop: 0, loseAnswer: 0, delayMs: 20 });
      return;
    case "store_away":
      store.faults.down = true;
      await clock.sleep(deed.forMs);
      store.faults.down = false;
      return;
    case "sink_away":
      network.sinkDown = true;
      await clock.sleep(deed.forMs);
      network.sinkDown = false;
      return;
    case "disk_full":
      for (const disk of Object.values(disks)) disk.faults.full = true;
      await clock.sleep(deed.forMs);
      for (const disk of Object.values(disks)) disk.faults.full = false;
      return;
    case "api_away":
      world.apiAway = true;
      await clock.sleep(deed.forMs);
      world.apiAway = false;
      return;
    case "clock_jump":
      return world.machines[deed.who].jump(deed.byMs);
    default:
      return await ask(world, deed.kind);
  }
}

/** Ends whatever is still wrong. */
export function heal(world: World): void {
  const { broker, store, network, disks } = world;
  world.armed = undefined;
  world.apiAway = false;
  network.sinkDown = false;
  for (const disk of Object.values(disks)) disk.faults.full = false;
  Object.assign(store.faults, CALM);
  Object.assign(broker.faults, { refuse: 0, loseAck: 0, duplicate: 0, delayMs: 3 });
  Object.assign(network.faults, { drop: 0, loseAnswer: 0, delayMs: 20 });
  if (!broker.up) broker.start();
  for (const who of world.roles) world.process(who)?.resume();
}

type Asked = "acknowledge" | "resolve" | "check_now" | "pause_monitor" | "change_monitor" | "delete_monitor";

/** A person does something, once; nobody promises that it works while everything breaks. */
async function ask(world: World, what: Asked): Promise<void> {
  try {
    await askOf(world.api(), what, world);
  } catch (error) {
    world.say(`${what} refused: ${String(error)}`);
  }
}

async function askOf(api: SentinelApi, what: Asked, world: World): Promise<void> {
  const { dice } = world.plan;
  const actor = "person";
  if (what === "acknowledge" || what === "resolve") {
    const { incidents } = await api.listIncidents({ openOnly: true, monitorId: "", beforeId: 0, limit: 10 }, context());
    const [first, ...rest] = incidents;
    if (first === undefined) return;
    const request = { id: dice.pick([first, ...rest]).id, actor, expectedVersion: 0 };
    if (what === "acknowledge") await api.acknowledgeIncident(request, context());
    else await api.resolveIncident(request, context());
    return;
  }
  const view = await anyMonitor(api, world);
  const spec = view?.monitor?.spec;
  const id = view?.monitor?.id ?? "";
  if (spec === undefined) return;
  switch (what) {
    case "check_now":
      await api.checkMonitor({ id }, context());
      return;
    case "pause_monitor":
      await api.updateMonitor({ id, spec: { ...spec, paused: !spec.paused }, expectedVersion: 0, actor }, context());
      return;
    case "change_monitor": {
      const everyMs = Math.max(spec.timeoutMs + 100, dice.between(5, 120) * 1000);
      const changed = { ...spec, everyMs, failuresToConfirm: dice.between(1, 3) };
      await api.updateMonitor({ id, spec: changed, expectedVersion: 0, actor }, context());
      return;
    }
    case "delete_monitor":
      // Not too many: somebody has to be left to be watched.
      if (dice.chance(0.2)) await api.deleteMonitor({ id, expectedVersion: 0, actor }, context());
      return;
  }
}

async function anyMonitor(api: SentinelApi, { plan: { dice } }: World): Promise<MonitorView | undefined> {
  const { monitors } = await api.listMonitors({}, context());
  const [first, ...rest] = monitors;
  return first === undefined ? undefined : dice.pick([first, ...rest]);
}
