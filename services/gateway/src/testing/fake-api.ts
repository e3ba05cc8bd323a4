import {
  type CheckResult,
  ConfigStatus,
  DeadLetter,
  IncidentKpis,
  Incident,
  MaintenanceView,
  MonitorSpec,
  MonitorStatus,
  MonitorView,
  type SentinelApi,
  SentinelError,
  TimelineEntry,
  type TakePingRequest,
  Totals,
  Verdict,
  type WatchResponse,
} from "@sentinel/contracts";

type Change = NonNullable<WatchResponse["change"]>;

/** The incidents service in memory: monitors with versions, incidents, and a watch that a test pushes changes into. */
export class FakeApi implements SentinelApi {
  readonly monitors = new Map<string, MonitorView>();
  readonly incidents = new Map<number, Incident>();
  readonly windows = new Map<string, MaintenanceView>();
  readonly timelines = new Map<number, TimelineEntry[]>();
  readonly checks: CheckResult[] = [];
  readonly checksAsked: string[] = [];
  readonly idempotencyKeys: string[] = [];
  /** What was called, newest last; PING_TOKEN is of mon_shop. */
  readonly pings: TakePingRequest[] = [];
  /** Set to make the next watch fail. */
  refuseWatch = false;
  /** How many watches were opened. */
  watches = 0;
  readonly #watchers = new Set<Queue>();

  addMonitor(id: string, name: string, given: Partial<MonitorView> = {}): MonitorView {
    const spec = MonitorSpec.fromPartial({ name, everyMs: 30_000, timeoutMs: 10_000, slowAfterMs: 5000 });
    const view = MonitorView.fromPartial({
      monitor: { id, spec, version: 1, source: "MONITOR_SOURCE_API", createdAtMs: 1000, changedAtMs: 1000 },
      status: MonitorStatus.HEALTHY,
      lastCheckedAtMs: Date.UTC(2026, 0, 1),
      responseTimeMs: 245,
      uptime24h: 99.2,
      ...given,
    });
    this.monitors.set(id, view);
    return view;
  }

  addIncident(id: number, given: Partial<Incident> = {}): Incident {
    const incident = Incident.fromPartial({
      id,
      monitorId: "mon_shop",
      monitorName: "shop",
      verdict: Verdict.DOWN,
      nature: "NATURE_TECHNICAL",
      diagnosis: {
        rule: "connect.refused/all",
        issue: "unreachable",
        cause: "crashed_or_not_started",
        severity: "SEVERITY_CRITICAL",
        recommendations: ["restart_service"],
        params: { host: "127.0.0.1", port: "8081" },
      },
      startedAtMs: Date.UTC(2026, 0, 1),
      detectedAtMs: Date.UTC(2026, 0, 1, 0, 0, 4),
      endpointsTotal: 1,
      endpointsFailing: 1,
      acting: "nobody",
      version: 2,
      ...given,
    });
    this.incidents.set(id, incident);
    return incident;
  }

  push(...changes: readonly Change[]): void {
    for (const watcher of this.#watchers) for (const change of changes) watcher.push(response(change));
  }

  /** What the service says of its folding, in a heartbeat. */
  fold(foldedAtMs: number, notFoldedSinceMs: number): void {
    const beat = response({ $case: "heartbeatMs", value: 0 });
    for (const watcher of this.#watchers) watcher.push({ ...beat, foldedAtMs, notFoldedSinceMs });
  }

  breakWatches(): void {
    for (const watcher of this.#watchers) watcher.fail(new SentinelError("service_unreachable", { address: "fake" }));
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<WatchResponse> {
    this.watches += 1;
    if (this.refuseWatch) throw new SentinelError("service_unreachable", { address: "fake" });
    const queue = new Queue();
    this.#watchers.add(queue);
    const end = (): void => queue.end();
    signal.addEventListener("abort", end, { once: true });
    for (const change of this.#snapshot()) yield response(change);
    try {
      yield* queue.drain();
    } finally {
      this.#watchers.delete(queue);
      signal.removeEventListener("abort", end);
    }
  }

  #snapshot(): readonly Change[] {
    return [
      ...Array.from(this.monitors.values(), (value) => ({ $case: "monitor" as const, value })),
      ...Array.from(this.incidents.values(), (value) => ({ $case: "incident" as const, value })),
      { $case: "totals", value: Totals.fromPartial({ checks: 15_823, incidents: 12, autoFixes: 8 }) },
      { $case: "config", value: ConfigStatus.fromPartial({ file: "sentinel.yaml", exists: true }) },
      { $case: "snapshotComplete", value: true },
    ];
  }

  readonly watch: SentinelApi["watch"] = (_request, { signal }) => this.#watch(signal);

  readonly createMonitor: SentinelApi["createMonitor"] = async ({ spec, idempotencyKey }) => {
    this.idempotencyKeys.push(idempotencyKey);
    const name = spec?.name ?? "";
    const taken = [...this.monitors.values()].some((each) => each.monitor?.spec?.name === name);
    if (taken) throw new SentinelError("monitor_name_taken", { name });
    const { monitor, ...view } = this.addMonitor(`mon_${name}`, name);
    const made = MonitorView.fromPartial({ ...view, monitor: { ...monitor, ...(spec === undefined ? {} : { spec }) } });
    this.monitors.set(`mon_${name}`, made);
    return { monitor: made };
  };

  readonly listMonitors: SentinelApi["listMonitors"] = async () => ({ monitors: [...this.monitors.values()] });

  readonly getMonitor: SentinelApi["getMonitor"] = async ({ id }) => ({ monitor: this.#known(id) });

  readonly updateMonitor: SentinelApi["updateMonitor"] = async ({ id, spec, expectedVersion }) => {
    const known = this.#known(id);
    const version = this.#match(id, known.monitor?.version ?? 0, expectedVersion);
    const changed = MonitorView.fromPartial({ ...known, monitor: { ...known.monitor, spec, version: version + 1 } });
    this.monitors.set(id, changed);
    return { monitor: changed };
  };

  readonly deleteMonitor: SentinelApi["deleteMonitor"] = async ({ id, expectedVersion }) => {
    this.#match(id, this.#known(id).monitor?.version ?? 0, expectedVersion);
    this.monitors.delete(id);
    return {};
  };

  readonly checkMonitor: SentinelApi["checkMonitor"] = async ({ id }) => {
    this.#known(id);
    this.checksAsked.push(id);
    return {};
  };

  readonly listChecks: SentinelApi["listChecks"] = async ({ monitorId, beforeMs, afterMs, limit }) => {
    const fits = ({ slotMs }: CheckResult): boolean => (beforeMs === 0 || slotMs < beforeMs) && slotMs >= afterMs;
    return { checks: this.checks.filter((each) => each.monitorId === monitorId && fits(each)).slice(0, limit) };
  };

  readonly getMonitorStats: SentinelApi["getMonitorStats"] = async ({ id, spanMs }) => {
    this.#known(id);
    const times = { uptime: 99.5, upMs: spanMs - 1000, downMs: 1000, unknownMs: 0, missedMs: 0 };
    return { fromMs: 0, toMs: spanMs, ...times, answered: 7, p50Ms: 12.5, p95Ms: 40, p99Ms: -1 };
  };

  readonly listIncidents: SentinelApi["listIncidents"] = async ({ openOnly, monitorId, beforeId, limit }) => {
    const all = [...this.incidents.values()].sort((a, b) => b.id - a.id);
    const fits = (each: Incident): boolean =>
      (!openOnly || each.resolvedAtMs === 0) &&
      (monitorId === "" || each.monitorId === monitorId) &&
      (beforeId === 0 || each.id < beforeId);
    return { incidents: all.filter(fits).slice(0, limit) };
  };

  readonly getIncident: SentinelApi["getIncident"] = async ({ id }) => ({
    incident: this.#incident(id),
    timeline: this.timelines.get(id) ?? [],
  });

  readonly acknowledgeIncident: SentinelApi["acknowledgeIncident"] = async ({ id, actor, expectedVersion }) => ({
    incident: this.#change(id, expectedVersion, { acknowledgedBy: actor, acknowledgedAtMs: 5000 }),
  });

  readonly resolveIncident: SentinelApi["resolveIncident"] = async ({ id, expectedVersion }) => ({
    incident: this.#change(id, expectedVersion, { resolvedAtMs: 9000, resolution: "RESOLUTION_MANUAL" }),
  });

  readonly commentIncident: SentinelApi["commentIncident"] = async ({ id, actor, text, idempotencyKey }) => {
    this.idempotencyKeys.push(idempotencyKey);
    const event = { event: { $case: "commentAdded" as const, value: { actor, text } } };
    const entry = TimelineEntry.fromPartial({ eventId: `e${id}`, version: 3, atMs: 5000, event });
    this.timelines.set(id, [...(this.timelines.get(id) ?? []), entry]);
    return { incident: this.#change(id, 0, {}) };
  };

  readonly listChannels: SentinelApi["listChannels"] = async () => ({
    channels: [
      {
        name: "ops",
        type: "webhook",
        target: "hooks.example.com",
        secret: "WEBHOOK_SECRET (a1b2c3)",
        lastDeliveredAtMs: 0,
        lastError: "",
      },
    ],
  });

  readonly testChannel: SentinelApi["testChannel"] = async ({ name }) => {
    if (name !== "ops") throw new Error("the fake knows one channel");
    return { delivered: false, reason: "connect_refused", tookMs: 12, params: {} };
  };

  readonly letters = new Map([1, 2, 3].map((id) => [id, letter(id)]));
  readonly replayed: { readonly id: number; readonly actor: string }[] = [];

  readonly listDeadLetters: SentinelApi["listDeadLetters"] = async ({ beforeId, limit }) => ({
    deadLetters: [...this.letters.values()]
      .filter(({ id }) => beforeId === 0 || id < beforeId)
      .toReversed()
      .slice(0, limit),
  });
  readonly getDeadLetter: SentinelApi["getDeadLetter"] = async ({ id }) => ({ deadLetter: this.#letter(id) });
  readonly replayDeadLetter: SentinelApi["replayDeadLetter"] = async ({ id, actor }) => {
    this.letters.delete(this.#letter(id).id);
    this.replayed.push({ id, actor });
    return {};
  };
  readonly discardDeadLetter: SentinelApi["discardDeadLetter"] = async ({ id }) => {
    this.letters.delete(this.#letter(id).id);
    return {};
  };
  #letter(id: number): DeadLetter {
    const found = this.letters.get(id);
    if (found === undefined) throw new SentinelError("dead_letter_not_found", { id: String(id) });
    return found;
  }

  readonly getKpis: SentinelApi["getKpis"] = async ({ days }) => ({
    fromMs: 0,
    toMs: days * 86_400_000,
    total: IncidentKpis.fromPartial({
      incidents: 3,
      downtimeMs: 90_000,
      detections: 4,
      detectionMs: 10,
      resolutions: 2,
    }),
    monitors: [{ monitorId: "mon_1", monitorName: "shop", kpis: IncidentKpis.fromPartial({ incidents: 3 }) }],
    days: [{ dayMs: 0, kpis: IncidentKpis.fromPartial({ incidents: 3 }) }],
    parkedStreams: 1,
  });

  readonly listMaintenance: SentinelApi["listMaintenance"] = async () => ({ windows: [...this.windows.values()] });
  readonly createMaintenance: SentinelApi["createMaintenance"] = async ({ window, actor }) => {
    const made = MaintenanceView.fromPartial({ window: { ...window, id: "mnt_1", createdBy: actor }, active: true });
    this.windows.set("mnt_1", made);
    return { window: made };
  };
  readonly endMaintenance: SentinelApi["endMaintenance"] = async ({ id }) => ({ window: this.#window(id) });
  readonly deleteMaintenance: SentinelApi["deleteMaintenance"] = async ({ id }) => {
    this.windows.delete(this.#window(id).window?.id ?? "");
    return {};
  };

  #window(id: string): MaintenanceView {
    const known = this.windows.get(id);
    if (known === undefined) throw new SentinelError("maintenance_not_found", { id });
    return known;
  }

  readonly getStatus: SentinelApi["getStatus"] = async () => ({
    totals: Totals.fromPartial({}),
    config: ConfigStatus.fromPartial({}),
    foldedAtMs: 0,
    notFoldedSinceMs: 0,
  });

  #known(id: string): MonitorView {
    const known = this.monitors.get(id);
    if (known === undefined) throw new SentinelError("monitor_not_found", { id });
    return known;
  }

  #incident(id: number): Incident {
    const known = this.incidents.get(id);
    if (known === undefined) throw new SentinelError("incident_not_found", { id: String(id) });
    return known;
  }

  readonly takePing: SentinelApi["takePing"] = async (request) => {
    this.pings.push(request);
    if (request.slug === "twice") throw new SentinelError("ping_ambiguous", { slug: request.slug });
    if (request.token === "away") throw new SentinelError("service_unreachable", { address: "x", reason: "away" });
    if (request.token !== PING_TOKEN && request.token !== "key") throw new SentinelError("ping_unknown");
    return { monitorId: "mon_shop", seq: this.pings.length };
  };

  readonly getHeartbeat: SentinelApi["getHeartbeat"] = async () => ({
    state: undefined,
    nowMs: 0,
    deafFromMs: 0,
    deafUntilMs: 0,
  });

  readonly getPingAddress: SentinelApi["getPingAddress"] = async ({ monitorId }) => {
    if (monitorId !== "mon_shop") throw new SentinelError("monitor_not_called", { id: monitorId });
    return { token: PING_TOKEN, key: "key", slug: "shop" };
  };

  #change(id: number, expectedVersion: number, change: Partial<Incident>): Incident {
    const known = this.#incident(id);
    const version = this.#match(String(id), known.version, expectedVersion);
    const changed = Incident.fromPartial({ ...known, ...change, version: version + 1 });
    this.incidents.set(id, changed);
    return changed;
  }

  #match(id: string, actual: number, expected: number): number {
    if (expected === 0 || expected === actual) return actual;
    throw new SentinelError("version_mismatch", { id, expected: String(expected), actual: String(actual) });
  }
}

const response = (change: Change): WatchResponse => ({ atMs: 0, change, foldedAtMs: 0, notFoldedSinceMs: 0 });

/** The token of mon_shop. */
export const PING_TOKEN = "5f0e8a3e-6b54-4b8c-9d3a-0d0c1d9e7a11";

/** A queue that is read as a stream. */
class Queue {
  #waiting: WatchResponse[] = [];
  #ended = false;
  #error: unknown;
  #wake = Promise.withResolvers<void>();

  push(response: WatchResponse): void {
    this.#waiting.push(response);
    this.#wake.resolve();
  }

  end(): void {
    this.#ended = true;
    this.#wake.resolve();
  }

  fail(error: unknown): void {
    this.#error = error;
    this.end();
  }

  async *drain(): AsyncGenerator<WatchResponse> {
    while (true) {
      yield* this.#waiting.splice(0);
      if (this.#ended) break;
      this.#wake = Promise.withResolvers<void>();
      if (this.#waiting.length === 0) await this.#wake.promise;
    }
    if (this.#error !== undefined) throw this.#error;
  }
}

const letter = (id: number): DeadLetter =>
  DeadLetter.fromPartial({
    id,
    source: "checks",
    subject: "chk.v1.7.mon_x.local",
    reason: "not_a_check_result",
    atMs: 1000 * id,
    payloadBytes: 3,
    payload: new Uint8Array([0, 104, 105]),
  });
