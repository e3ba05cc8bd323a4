import type { MonitorSpec, SentinelApi } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Egress } from "@sentinel/egress";
import { type FoldStore, startIncidents } from "@sentinel/incidents";
import type { Bus } from "@sentinel/messaging";
import { type Spool, startProber } from "@sentinel/prober";
import type { FailpointName, Log, Service } from "@sentinel/service-kit";
import { VirtualClock } from "@sentinel/testkit";
import { Broker } from "./broker.ts";
import { Machine } from "./machine.ts";
import type { Plan, Who } from "./plan.ts";
import { SimDisk } from "./sim-disk.ts";
import { HOOK, SimNetwork } from "./sim-network.ts";
import { SimProcess } from "./sim-process.ts";
import { SimStore } from "./sim-store.ts";

/** Replaces a port that is handed to a process, to plant a bug; what is absent stays as it is. */
export interface Plant {
  readonly store?: (store: FoldStore, process: SimProcess) => FoldStore;
  readonly bus?: (bus: Bus, process: SimProcess) => Bus;
  readonly egress?: (egress: Egress, process: SimProcess) => Egress;
  readonly spool?: (spool: Spool, process: SimProcess) => Spool;
}

interface Running {
  readonly process: SimProcess;
  readonly service: Service;
  readonly api: SentinelApi | undefined;
}

const CONFIG = `notifications:\n  ops: {type: webhook, url: ${HOOK}/, secret: "\${HOOK_SECRET}"}\n`;

/** Everything there is in one simulation, and the processes that come and go in it. */
export class World {
  readonly plan: Plan;
  readonly clock: VirtualClock;
  readonly broker: Broker;
  readonly store: SimStore;
  /** Each prober has one. */
  readonly disks: Readonly<Record<"prober" | "far", SimDisk>>;
  readonly network: SimNetwork;
  readonly machines: Readonly<Record<Who, Machine>>;
  /** Where the next hit crashes the process that hits it. */
  armed: { readonly point: FailpointName; readonly backMs: number } | undefined;
  /** The prober cannot reach the API. */
  apiAway = false;
  /** Wakes and crashes, in order: for the story of a failure. */
  readonly story: string[] = [];
  /** Crashes and restarts so far. */
  lives = 0;
  readonly #plant: Plant;
  readonly #running = new Map<Who, Running>();
  readonly #coming = new Set<Who>();

  constructor(plan: Plan, plant: Plant = {}) {
    const { dice } = plan;
    this.plan = plan;
    this.#plant = plant;
    this.clock = new VirtualClock({ settle: withinLimits() });
    this.broker = new Broker(this.clock, dice.fork());
    this.store = new SimStore(this.clock, dice.fork());
    const disk = new SimDisk(this.clock, dice.fork());
    this.network = new SimNetwork(this.clock, dice.fork());
    this.disks = { prober: disk, far: plan.far ? new SimDisk(this.clock, dice.fork()) : disk };
    const machine = new Machine(this.clock);
    const far = new Machine(this.clock);
    // One machine for everything, or one each.
    this.machines = plan.pair
      ? { prober: machine, far, incidents: new Machine(this.clock), standby: new Machine(this.clock) }
      : { prober: machine, far, incidents: machine, standby: machine };
    for (const { origin, script } of plan.monitors) this.network.serve(origin, script);
  }

  get roles(): readonly Who[] {
    return this.plan.roles;
  }

  process(who: Who): SimProcess | undefined {
    return this.#running.get(who)?.process;
  }

  say(what: string): void {
    this.story.push(`${(this.clock.monotonic() / 1000).toFixed(3)} ${what}`);
  }

  /** Starts whoever is not there. */
  async start(who: Who): Promise<void> {
    if (this.#running.has(who) || this.#coming.has(who)) return;
    this.#coming.add(who);
    this.lives += 1;
    const process: SimProcess = new SimProcess(`${who}-${this.lives}`, this.machines[who], this.plan.dice.fork(), {
      failpoint: (point) => this.#onFailpoint(process, who, point),
      log: this.#logOf(() => process),
    });
    this.say(`${process.name} starts`);
    try {
      const parts = this.#portsOf(process);
      const running =
        who === "prober" || who === "far"
          ? { process, service: await this.#startProber(who, process, parts), api: undefined }
          : await this.#startIncidents(process, parts);
      if (process.alive) this.#running.set(who, running);
    } catch (error) {
      this.say(`${process.name} could not start: ${String(error)}`);
      process.crash();
      this.#later(who, 1000);
    } finally {
      this.#coming.delete(who);
    }
  }

  /** Ends the process in the middle of what it does; it is back after a while. */
  crash(who: Who, backMs: number): void {
    const running = this.#running.get(who);
    if (running === undefined) return;
    this.say(`${running.process.name} crashes`);
    running.process.resume();
    running.process.crash();
    this.#running.delete(who);
    this.#later(who, backMs);
  }

  /** Stops it as an operator does, and starts it again when it has stopped; killed when it does not within 10 s. */
  async restart(who: Who, backMs: number): Promise<void> {
    const running = this.#running.get(who);
    if (running === undefined || running.process.paused) return;
    const { process } = running;
    this.say(`${process.name} is stopped`);
    const done = new AbortController();
    const stopped = running.service.stop().finally(() => done.abort());
    await Promise.race([stopped, this.clock.sleep(10_000, done.signal)]);
    if (this.#running.get(who) !== running) return;
    process.crash();
    this.#running.delete(who);
    this.#later(who, backMs);
  }

  /** The API as a client finds it: at whichever incidents service works. */
  api(): SentinelApi {
    const services = [this.#running.get("incidents"), this.#running.get("standby")];
    const working = services.find((each) => each?.process.paused === false && each.service.health() !== "standby");
    if (working?.api === undefined) throw away();
    return working.api;
  }

  #later(who: Who, backMs: number): void {
    void this.clock.sleep(backMs).then(() => this.start(who));
  }

  #logOf(process: () => SimProcess): Log {
    const line = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (!process().alive) return;
      const told = Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`);
      this.say([process().name, message, ...told].join(" "));
    };
    const log: Log = { debug: () => undefined, info: line, warn: line, error: line, child: () => log };
    return log;
  }

  #onFailpoint(process: SimProcess, who: Who, point: FailpointName): void {
    if (this.armed?.point !== point || !process.alive) return;
    const { backMs } = this.armed;
    this.armed = undefined;
    this.say(`at ${point}:`);
    if (this.#running.get(who)?.process === process) this.crash(who, backMs);
  }

  #portsOf(process: SimProcess): { bus: Bus; egress: Egress; store: FoldStore } {
    const bus = this.broker.connect(process);
    const egress = this.network.connect(process);
    const store = this.store.connect(process);
    return {
      bus: this.#plant.bus?.(bus, process) ?? bus,
      egress: this.#plant.egress?.(egress, process) ?? egress,
      store: this.#plant.store?.(store, process) ?? store,
    };
  }

  async #startIncidents(
    process: SimProcess,
    ports: { readonly bus: Bus; readonly egress: Egress; readonly store: FoldStore },
  ): Promise<Running> {
    const service = await startIncidents({
      kit: process.kit,
      ...ports,
      owner: process.name,
      exclusive: !this.plan.pair,
      configFile: { path: "sentinel.yaml", env: { HOOK_SECRET: "whsec_c3Rvcnk=" }, read: async () => CONFIG },
      demo: [],
      publicUrl: "",
      locale: "en",
    });
    return { process, service, api: reachable(process, service.api) };
  }

  async #startProber(
    who: "prober" | "far",
    process: SimProcess,
    { bus, egress }: { readonly bus: Bus; readonly egress: Egress },
  ): Promise<Service> {
    const spool = this.disks[who].open(process);
    return await startProber({
      kit: process.kit,
      bus,
      egress,
      api: { watch: (request, context) => process.each(this.#watch(request, context)) },
      spool: this.#plant.spool?.(spool, process) ?? spool,
      region: who === "far" ? "far" : "local",
      name: who,
      loopDelay: { p99Ms: () => 0, stop: () => undefined },
      // Many short lives: each is to show what it finds.
      firstChecks: "at-once",
    });
  }

  async *#watch(...[request, context]: Parameters<SentinelApi["watch"]>): ReturnType<SentinelApi["watch"]> {
    if (this.apiAway) throw away();
    for await (const response of this.api().watch(request, context)) {
      if (this.apiAway) throw away();
      yield response;
    }
  }
}

/** Adds a monitor as a person would, again and again until it is there. */
export async function addMonitor(world: World, spec: MonitorSpec): Promise<void> {
  const { signal } = new AbortController();
  for (;;) {
    try {
      const request = { spec, actor: "person", idempotencyKey: spec.name };
      await world.api().createMonitor(request, { signal, traceparent: "" });
      return;
    } catch {
      await world.clock.sleep(1000);
    }
  }
}

/** The API of a process over a wire: whoever asks learns that the process died. */
function reachable(process: SimProcess, api: SentinelApi): SentinelApi {
  const call = <A extends unknown[], T>(method: (...args: A) => Promise<T>): ((...args: A) => Promise<T>) => {
    return (...args) =>
      process.orDeath(
        process.effect(() => method(...args)),
        away,
      );
  };
  return {
    createMonitor: call(api.createMonitor),
    listMonitors: call(api.listMonitors),
    getMonitor: call(api.getMonitor),
    updateMonitor: call(api.updateMonitor),
    deleteMonitor: call(api.deleteMonitor),
    checkMonitor: call(api.checkMonitor),
    listChecks: call(api.listChecks),
    getMonitorStats: call(api.getMonitorStats),
    listIncidents: call(api.listIncidents),
    getIncident: call(api.getIncident),
    acknowledgeIncident: call(api.acknowledgeIncident),
    commentIncident: call(api.commentIncident),
    resolveIncident: call(api.resolveIncident),
    listChannels: call(api.listChannels),
    testChannel: call(api.testChannel),
    listDeadLetters: call(api.listDeadLetters),
    getDeadLetter: call(api.getDeadLetter),
    replayDeadLetter: call(api.replayDeadLetter),
    getKpis: call(api.getKpis),
    discardDeadLetter: call(api.discardDeadLetter),
    takePing: call(api.takePing),
    getHeartbeat: call(api.getHeartbeat),
    getPingAddress: call(api.getPingAddress),
    listMaintenance: call(api.listMaintenance),
    createMaintenance: call(api.createMaintenance),
    endMaintenance: call(api.endMaintenance),
    deleteMaintenance: call(api.deleteMaintenance),
    getStatus: call(api.getStatus),
    watch: async function* (request, context) {
      const steps = api.watch(request, context)[Symbol.asyncIterator]();
      for (;;) {
        const next = process.effect(() => steps.next());
        const step = await process.orDeath(next, away);
        if (step.done === true) return;
        yield step.value;
      }
    },
  };
}

const away = (): SentinelError => new SentinelError("service_unavailable", {});

/** Turns of the clock and time of the processor that one world may take; the longest take a tenth of it. */
const MOST_STEPS = 5_000_000;
const MOST_CPU_MS = 60_000;
const LOOK_EVERY_STEPS = 4096;

/** Lets everything run until it waits again; throws when this world has had more than its share. */
function withinLimits(): () => Promise<void> {
  let steps = 0;
  const begun = process.threadCpuUsage();
  return async () => {
    steps += 1;
    if (steps > MOST_STEPS) throw new Error(`not at rest after ${MOST_STEPS} steps`);
    if (steps % LOOK_EVERY_STEPS === 0) {
      const { user, system } = process.threadCpuUsage(begun);
      if (user + system > MOST_CPU_MS * 1000) throw new Error(`not at rest after ${MOST_CPU_MS} ms of the processor`);
    }
    await settled();
  };
}

/** A tick comes after every promise callback there is, and nothing here waits for anything else. */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
