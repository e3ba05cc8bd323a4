import {
  type CallContext,
  CheckResult,
  type Monitor,
  type MonitorSpec,
  type SentinelApi,
  subjects,
  type Verdict,
  type WatchResponse,
} from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus } from "@sentinel/messaging";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import type { Service, ServiceKit } from "@sentinel/service-kit";
import { createMemoryNetwork, VirtualClock } from "@sentinel/testkit";
import { anEndpoint, aRound, aSpec, T0 } from "./core/fixtures.ts";
import { testKit } from "./fold-contract/fold-bench.ts";
import { createMemoryFoldStore } from "./store/memory/memory-fold-store.ts";
import type { FoldStore } from "./store/port.ts";
import { type IncidentsDeps, startIncidents } from "./start.ts";

/** The whole service in memory, under a clock that stands until it is advanced. */
export interface ShellWorld {
  readonly clock: VirtualClock;
  readonly bus: Bus;
  readonly store: FoldStore;
  readonly network: ReturnType<typeof createMemoryNetwork>;
  /** The store answers nothing while it is away. */
  readonly link: { away: boolean; failChecks: boolean };
  start(options?: Partial<IncidentsDeps>): Promise<Process>;
  /** A result as a prober would publish it. */
  result(monitor: Monitor, slotMs: number, verdict: Verdict, change?: Partial<CheckResult>): Promise<void>;
  end(): Promise<void>;
}

export interface Process {
  readonly service: Service;
  readonly api: SentinelApi;
  readonly kit: ServiceKit;
  readonly create: (spec?: Partial<MonitorSpec>) => Promise<Monitor>;
  readonly stop: () => Promise<void>;
}

export const caller = (signal: AbortSignal = new AbortController().signal): CallContext => ({
  signal,
  traceparent: "",
});

let made = 0;

export function shellWorld(): ShellWorld {
  const clock = new VirtualClock({ startMs: T0 });
  const busKit = testKit(clock, 1);
  const bus = createEmbeddedBus(busKit);
  const link = { away: false, failChecks: false };
  const store = linked(
    createMemoryFoldStore(() => clock.monotonic()),
    link,
  );
  const network = createMemoryNetwork(clock);
  const running = new Set<Service>();
  return {
    clock,
    bus,
    store,
    network,
    link,
    start: async (options = {}) => {
      made += 1;
      const kit = testKit(clock, 100 + made);
      const service = await startIncidents({
        kit,
        bus,
        store,
        egress: network.egress,
        owner: `process-${made}`,
        exclusive: false,
        configFile: undefined,
        demo: [],
        publicUrl: "",
        locale: "en",
        ...options,
      });
      running.add(service);
      await clock.advance(1);
      const { api } = service;
      const create = async (spec: Partial<MonitorSpec> = {}): Promise<Monitor> => {
        const request = { spec: aSpec({ name: "shop", ...spec }), actor: "ada", idempotencyKey: "" };
        const { monitor } = await api.createMonitor(request, caller());
        if (monitor?.monitor === undefined) throw new Error("no monitor was made");
        return monitor.monitor;
      };
      const stop = async (): Promise<void> => {
        running.delete(service);
        await service.stop();
      };
      return { service, api, kit, create, stop };
    },
    result: async ({ id }, slotMs, verdict, change = {}) => {
      const reason = verdict === "VERDICT_DOWN" ? "connect_refused" : "";
      const endpoints = [anEndpoint(verdict, reason)];
      const data = CheckResult.encode(
        aRound(slotMs, verdict, reason, { monitorId: id, endpoints, ...change }),
      ).finish();
      await bus.publish(subjects.check(id, "local"), data);
      await clock.advance(100);
    },
    end: async () => {
      link.away = false;
      for (const service of running) await service.stop();
      await bus.close();
    },
  };
}

function linked(inner: FoldStore, link: ShellWorld["link"]): FoldStore {
  return {
    transaction: (fn) => {
      if (link.away)
        return Promise.reject(new SentinelError("database_unreachable", { host: "store", reason: "away" }));
      return inner.transaction((tx) => {
        if (!link.failChecks) return fn(tx);
        const insert = () => Promise.reject(new Error("the check log is broken"));
        return fn({ ...tx, checks: { ...tx.checks, insert } });
      });
    },
    prepareChecks: (slotsMs) => inner.prepareChecks(slotsMs),
    prune: (before) => inner.prune(before),
    project: (definition, options, observer) => inner.project(definition, options, observer),
  };
}

/** Reads a watch until its signal ends; what ended it otherwise is kept. */
export function watching(api: SentinelApi, topic = "") {
  const stop = new AbortController();
  const seen: WatchResponse[] = [];
  let ended: string | undefined;
  const read = async (): Promise<void> => {
    try {
      for await (const response of api.watch({ topic }, caller(stop.signal))) seen.push(response);
      ended = "done";
    } catch (thrown) {
      ended = SentinelError.from(thrown).code;
    }
  };
  const done = read();
  const cases = (): readonly string[] => seen.map(({ change }) => change?.$case ?? "none");
  return {
    seen,
    cases,
    ended: () => ended,
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}
