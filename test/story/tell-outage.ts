import { expect } from "@jest/globals";
import {
  type Incident,
  type IncidentTimelineChange,
  type Monitor,
  type MonitorView,
  MonitorStatus,
  Resolution,
  type SentinelApi,
  type Totals,
  Verdict,
} from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { describeEvent, eventType } from "@sentinel/contracts/text";

/** Where the story is told: in memory, in one process, or in several. */
export interface Stage {
  readonly api: SentinelApi;
  /** Address of the shop, and what befalls it. */
  readonly shop: {
    readonly url: string;
    /** From now on it answers 503, until someone knocks to wake it up. */
    fallAsleep(): void;
    /** Wake-up knocks so far. */
    knocks(): number;
  };
  /** Messages people got so far: the id of each and what it is about, oldest first. */
  told(): readonly { readonly id: string; readonly kind: string }[];
  /** Lets time pass until the condition holds; fails when it does not in reasonable time. */
  until(what: string, condition: () => boolean): Promise<void>;
}

/** What a watcher has seen, as the dashboard would show it. */
export interface Seen {
  readonly monitors: Map<string, MonitorView>;
  readonly incidents: Map<number, Incident>;
  readonly timeline: IncidentTimelineChange[];
  totals: Totals;
}

/** Follows the live stream, as the gateway does. */
export function follow(api: SentinelApi, signal: AbortSignal): Seen {
  const seen: Seen = {
    monitors: new Map(),
    incidents: new Map(),
    timeline: [],
    totals: { checks: 0, incidents: 0, autoFixes: 0 },
  };
  const read = async (): Promise<void> => {
    for await (const { change } of api.watch({ topic: "" }, { signal, traceparent: "" })) {
      if (change?.$case === "monitor") seen.monitors.set(change.value.monitor?.spec?.name ?? "", change.value);
      if (change?.$case === "incident") seen.incidents.set(change.value.id, change.value);
      if (change?.$case === "timeline") seen.timeline.push(change.value);
      if (change?.$case === "totals") seen.totals = change.value;
    }
  };
  void read().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return seen;
}

/** One outage, end to end. */
export async function tellOutage(stage: Stage): Promise<void> {
  const { api, shop } = stage;
  const watching = new AbortController();
  const seen = follow(api, watching.signal);
  const context = { signal: watching.signal, traceparent: "" };
  const status = (): MonitorStatus | undefined => seen.monitors.get("shop")?.status;
  const incident = (): Incident | undefined => [...seen.incidents.values()][0];
  try {
    // A person types an address, and sees it answer.
    const added = await api.createMonitor({ spec: shopSpec(shop.url), actor: "you", idempotencyKey: "" }, context);
    await stage.until("the first result", () => status() === MonitorStatus.HEALTHY);
    expect(seen.totals.incidents).toBe(0);

    // What is behind the address stops answering. One failed round proves nothing; the second one confirms.
    shop.fallAsleep();
    await stage.until("an incident", () => incident() !== undefined);
    const opened = demand(incident());
    expect(opened.verdict).toBe(Verdict.DOWN);
    expect(opened.startedAtMs).toBe(firstFailureOf(demand(seen.monitors.get("shop"))));
    expect(opened.diagnosis).toMatchObject({ issue: "unavailable", cause: "upstream_down_or_full" });
    expect(status()).toBe(MonitorStatus.DOWN);

    // Sentinel knocks, the shop wakes up, a fresh check agrees, and the incident is over.
    await stage.until("the repair", () => incident()?.resolvedAtMs !== 0);
    expect(shop.knocks()).toBeGreaterThan(0);
    expect(incident()).toMatchObject({
      id: opened.id,
      resolution: Resolution.AUTO_FIX,
      repairs: [{ attempt: 1, state: "succeeded" }],
    });
    await stage.until("a healthy shop", () => status() === MonitorStatus.HEALTHY);
    expect(seen.totals).toMatchObject({ incidents: 1, autoFixes: 1 });

    // People are told twice: that it broke, and that it is over.
    await stage.until("both messages", () => stage.told().length === 2);
    expect(stage.told().map((message) => message.kind)).toEqual(["opened", "resolved"]);
    expect(new Set(stage.told().map((message) => message.id)).size).toBe(2);

    // The log tells the same to whoever asks later, each step once and in order.
    const told = (type: string) => seen.timeline.some((each) => eventType(demand(each.entry?.event)) === type);
    await stage.until("the deliveries in the log", () => told("notification_delivered"));
    const { timeline } = await api.getIncident({ id: opened.id }, context);
    const steps = timeline.map(({ event }) => eventType(demand(event)));
    expect(steps.filter((type) => type !== "notification_delivered")).toEqual([
      "incident_opened",
      "incident_diagnosed",
      "repair_requested",
      "repair_started",
      "repair_succeeded",
      "incident_resolved",
    ]);
    expect(timeline.map((entry) => entry.version)).toEqual(timeline.map((_, index) => index + 1));
    for (const { event } of timeline) expect(describeEvent("fr", demand(event))).not.toBe("");
    expect(demand(added.monitor?.monitor).id).toBe(opened.monitorId);
  } finally {
    watching.abort();
  }
}

function shopSpec(url: string): NonNullable<Monitor["spec"]> {
  const input = { endpoints: [url], every: "4s", timeout: "3900ms", repair: { action: "wake-up", mode: "auto" } };
  const parsed = parseMonitorInput(input, [], "shop");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

/** The slot of the first failing round of the last run of them. */
function firstFailureOf({ beats }: MonitorView): number | undefined {
  const failing = beats.slice(beats.findLastIndex((beat) => beat.verdict === Verdict.HEALTHY) + 1);
  return failing[0]?.slotMs;
}

function demand<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected something here");
  return value;
}
