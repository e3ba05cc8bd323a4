import {
  type CheckResult,
  ConfigStatus,
  type Incident,
  type IncidentTimelineChange,
  type MonitorView,
  type SentinelApi,
  Totals,
  type WatchResponse,
} from "@sentinel/contracts";
import type { ServiceKit } from "@sentinel/service-kit";
import { untilAborted } from "./until-aborted.ts";

/** What happened to the model; a `reset` means that everything may have. */
export type ModelChange =
  | { readonly kind: "reset" }
  | { readonly kind: "monitor"; readonly monitor: MonitorView }
  | { readonly kind: "monitor_removed"; readonly id: string }
  | { readonly kind: "incident"; readonly incident: Incident }
  | { readonly kind: "timeline"; readonly timeline: IncidentTimelineChange }
  | { readonly kind: "check"; readonly check: CheckResult }
  | { readonly kind: "totals"; readonly totals: Totals }
  | { readonly kind: "config"; readonly config: ConfigStatus };

/** Everything known at one moment. */
interface Picture {
  readonly monitors: Map<string, MonitorView>;
  readonly incidents: Map<number, Incident>;
  totals: Totals;
  config: ConfigStatus;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5000;
/** The other side says something at least every 5 s. */
const SILENCE_MS = 20_000;
/** Resolved incidents kept beside the open ones; older ones are asked for. */
const RESOLVED_KEPT = 100;

const emptyPicture = (): Picture => ({
  monitors: new Map(),
  incidents: new Map(),
  totals: Totals.fromPartial({}),
  config: ConfigStatus.fromPartial({}),
});

/** The state of the system as last heard from the incidents service, which it follows for as long as it runs. */
export class ReadModel {
  readonly #kit: ServiceKit;
  readonly #api: SentinelApi;
  readonly #listeners = new Set<(change: ModelChange) => void>();
  readonly #firstSnapshot = Promise.withResolvers<void>();
  #shown = emptyPicture();
  /** Fills while a snapshot comes in, so that readers never see half of one. */
  #incoming: Picture | undefined;
  #complete = false;
  #connected = false;
  #heardAtMs = 0;
  #lostAtMs = 0;
  #foldedAtMs = 0;
  #reportedSinceMs = 0;
  #toldSinceMs = 0;
  #onFolding: () => void = () => undefined;
  #revision = 0;

  constructor(kit: ServiceKit, api: SentinelApi) {
    this.#kit = kit;
    this.#api = api;
  }

  /** Resolves with the first complete snapshot. */
  get ready(): Promise<void> {
    return this.#firstSnapshot.promise;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** False when the incidents service is not heard from. */
  get upstream(): boolean {
    return this.#connected;
  }

  /** Sorted by id, which is the order of creation. */
  monitors(): readonly MonitorView[] {
    return [...this.#shown.monitors.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  }

  /** By id or by name. */
  monitor(idOrName: string): MonitorView | undefined {
    const byId = this.#shown.monitors.get(idOrName);
    if (byId !== undefined) return byId;
    return [...this.#shown.monitors.values()].find((each) => each.monitor?.spec?.name === idOrName);
  }

  /** Open and recent ones, newest first. */
  incidents(): readonly Incident[] {
    return [...this.#shown.incidents.values()].sort((a, b) => b.id - a.id);
  }

  /** Grows with every change, so that what was made of the model is known to be old. */
  get revision(): number {
    return this.#revision;
  }

  get totals(): Totals {
    return this.#shown.totals;
  }

  get config(): ConfigStatus {
    return this.#shown.config;
  }

  /** Latest instant at which results are known to have been folded; 0 when none is. */
  get foldedAtMs(): number {
    return this.#foldedAtMs;
  }

  /** Since when nothing is folded, as far as anybody here knows; 0 when it is. */
  get notFoldedSinceMs(): number {
    if (this.#connected || this.#lostAtMs === 0) return this.#reportedSinceMs;
    // Who would fold is not heard from: what is known last counts.
    return this.#reportedSinceMs > 0 ? this.#reportedSinceMs : this.#lostAtMs;
  }

  /** Called when folding is said to have come to a stand, or to go on. */
  onFolding(listener: () => void): void {
    this.#onFolding = listener;
  }

  onChange(listener: (change: ModelChange) => void): void {
    this.#listeners.add(listener);
  }

  /** What a command answered, so that its caller reads its own write at once. */
  learnMonitor(monitor: MonitorView): void {
    this.#revision += 1;
    putMonitor(this.#shown, monitor);
  }

  forgetMonitor(id: string): void {
    this.#revision += 1;
    this.#shown.monitors.delete(id);
  }

  /** Follows until the signal ends; a break or silence is followed by a new snapshot. */
  async run(signal: AbortSignal): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const snapshotCame = await this.#follow(signal);
      if (snapshotCame) retryMs = FIRST_RETRY_MS;
      if (this.#connected) {
        this.#lostAtMs = this.#kit.clock.now();
        this.#revision += 1;
      }
      this.#connected = false;
      await this.#kit.clock.sleep(retryMs, signal);
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    }
  }

  async #follow(signal: AbortSignal): Promise<boolean> {
    const attempt = new AbortController();
    const until = AbortSignal.any([signal, attempt.signal]);
    this.#incoming = emptyPicture();
    this.#heardAtMs = this.#kit.clock.monotonic();
    const guard = this.#guardAgainstSilence(attempt, until);
    try {
      const stream = this.#api.watch({ topic: "" }, { signal: until, traceparent: "" });
      for await (const response of untilAborted(stream, until)) {
        this.#heardAtMs = this.#kit.clock.monotonic();
        this.#apply(response);
      }
    } catch (error) {
      this.#kit.log.warn("gateway.watch_broken", { error });
    } finally {
      attempt.abort();
      await guard;
    }
    return this.#incoming === undefined;
  }

  async #guardAgainstSilence(attempt: AbortController, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await this.#kit.clock.sleep(SILENCE_MS / 3, until);
      if (!until.aborted && this.#kit.clock.monotonic() - this.#heardAtMs >= SILENCE_MS) {
        this.#kit.log.warn("gateway.watch_silent", { silenceMs: SILENCE_MS });
        attempt.abort();
      }
    }
  }

  #apply({ change, foldedAtMs, notFoldedSinceMs }: WatchResponse): void {
    // A service that has just begun has folded nothing yet; what was known before stays true.
    this.#foldedAtMs = Math.max(this.#foldedAtMs, foldedAtMs);
    this.#reportedSinceMs = notFoldedSinceMs;
    if (this.#incoming === undefined) this.#noteFolding();
    if (change === undefined || change.$case === "heartbeatMs") return;
    if (change.$case === "snapshotComplete") {
      this.#finishSnapshot();
      return;
    }
    const picture = this.#incoming ?? this.#shown;
    const happened = applyTo(picture, change);
    if (happened !== undefined && this.#incoming === undefined) this.#tell(happened);
  }

  #finishSnapshot(): void {
    if (this.#incoming === undefined) return;
    this.#shown = this.#incoming;
    this.#incoming = undefined;
    this.#complete = true;
    this.#connected = true;
    this.#noteFolding();
    this.#tell({ kind: "reset" });
    this.#firstSnapshot.resolve();
  }

  #noteFolding(): void {
    if (this.#reportedSinceMs === this.#toldSinceMs) return;
    this.#toldSinceMs = this.#reportedSinceMs;
    this.#revision += 1;
    this.#onFolding();
  }

  #tell(change: ModelChange): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener(change);
  }
}

type Change = Exclude<NonNullable<WatchResponse["change"]>, { $case: "heartbeatMs" | "snapshotComplete" }>;

/** Undefined when the change brought nothing new. */
function applyTo(picture: Picture, change: Change): ModelChange | undefined {
  switch (change.$case) {
    case "monitor":
      return putMonitor(picture, change.value) ? { kind: "monitor", monitor: change.value } : undefined;
    case "monitorRemoved":
      picture.monitors.delete(change.value);
      return { kind: "monitor_removed", id: change.value };
    case "incident":
      putIncident(picture, change.value);
      return { kind: "incident", incident: change.value };
    case "timeline":
      return { kind: "timeline", timeline: change.value };
    case "check":
      return { kind: "check", check: change.value };
    case "totals":
      picture.totals = change.value;
      return { kind: "totals", totals: change.value };
    case "config":
      picture.config = change.value;
      return { kind: "config", config: change.value };
    default:
      return undefined;
  }
}

const idOf = (view: MonitorView): string => view.monitor?.id ?? "";

/** An older definition never replaces a newer one: a command's answer may overtake the stream. */
function putMonitor(picture: Picture, view: MonitorView): boolean {
  const known = picture.monitors.get(idOf(view));
  if ((known?.monitor?.version ?? 0) > (view.monitor?.version ?? 0)) return false;
  picture.monitors.set(idOf(view), view);
  return true;
}

function putIncident(picture: Picture, incident: Incident): void {
  picture.incidents.set(incident.id, incident);
  if (picture.incidents.size <= RESOLVED_KEPT) return;
  const resolved = [...picture.incidents.values()].filter((each) => each.resolvedAtMs > 0).sort((a, b) => b.id - a.id);
  for (const { id } of resolved.slice(RESOLVED_KEPT)) picture.incidents.delete(id);
}
