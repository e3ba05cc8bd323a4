import {
  CheckRequested,
  type EndMaintenanceResponse,
  MaintenanceCancelled,
  MaintenanceChanged,
  MaintenanceEnded,
  MaintenanceScheduled,
  type MaintenanceView,
  type MaintenanceWindow,
  MaintenanceWindow as Windows,
  MonitorSource,
  type SentinelApi,
  sortableId,
  subjects,
} from "@sentinel/contracts";
import { maintenanceSpecView, parseMaintenanceInput } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import { type MaintenanceEvent, schemaVersionOf } from "@sentinel/contracts/events";
import { ALL_MONITORS, covers, currentOrNext, wallAt, writeWall } from "@sentinel/contracts/maintenance";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Board } from "./board.ts";
import type { MaintenanceBook } from "./maintenance-book.ts";
import type { FoldStore, FoldTx } from "./store/port.ts";

const LOOK_EVERY_MS = 1000;
/** Early ends that are kept; rounds of older ones have long been folded. */
const ENDS_KEPT = 20;
const FILE = "sentinel.yaml";

export interface MaintenanceDeps {
  readonly kit: Pick<ServiceKit, "clock" | "log" | "random">;
  readonly bus: Bus;
  readonly store: FoldStore;
  readonly board: Board;
  readonly book: MaintenanceBook;
  /** Monitors that a window began or ceased to cover. */
  readonly onShown: (monitorIds: readonly string[]) => void;
}

type Operations = Pick<SentinelApi, "listMaintenance" | "createMaintenance" | "endMaintenance" | "deleteMaintenance">;

export interface Maintenance {
  readonly operations: Operations;
  /** Makes the windows of the configuration file what it says; those of people stay. */
  applyFile(windows: readonly MaintenanceWindow[]): Promise<void>;
}

export function createMaintenance(deps: MaintenanceDeps): Maintenance {
  const { kit, store, board, book } = deps;
  const change = async <T>(fn: (tx: FoldTx, known: readonly MaintenanceWindow[]) => Promise<T>): Promise<T> => {
    const { done, windows } = await store.transaction(async (tx) => {
      const made = await fn(tx, await tx.windows.all());
      return { done: made, windows: await tx.windows.all() };
    });
    book.set(windows);
    return done;
  };
  const view = (window: MaintenanceWindow): MaintenanceView => viewOf(window, board, kit.clock.now());
  return {
    applyFile: async (wanted) => {
      await change((tx, known) => applyFile(kit, tx, known, wanted));
    },
    operations: {
      listMaintenance: async () => ({ windows: book.all().map(view) }),
      createMaintenance: async ({ window, actor }) => {
        const asked = demandWindow(window, kit.clock.now(), board);
        const made = newWindow(kit, asked, MonitorSource.API, actor);
        await change((tx) => keep(kit, tx, "scheduled", made, actor));
        return { window: view(made) };
      },
      endMaintenance: async ({ id, actor }): Promise<EndMaintenanceResponse> => {
        const nowMs = kit.clock.now();
        const ended = await change(async (tx, known) => {
          const after = endedAt(find(known, id), nowMs);
          await keep(kit, tx, "ended", after, actor);
          return after;
        });
        return { window: view(ended) };
      },
      deleteMaintenance: async ({ id, actor }) => {
        await change(async (tx, known) => {
          const window = find(known, id);
          if (window.source === MonitorSource.FILE) {
            throw new SentinelError("maintenance_owned_by_file", { name: window.name });
          }
          await cancel(kit, tx, window.id, actor);
        });
        return {};
      },
    },
  };
}

/** The window as it is from now on, and in the log who decided that. @throws SentinelError `maintenance_name_taken` {name} */
async function keep(
  kit: MaintenanceDeps["kit"],
  tx: FoldTx,
  $case: Exclude<MaintenanceEvent["$case"], "cancelled">,
  window: MaintenanceWindow,
  actor: string,
): Promise<void> {
  await tx.windows.save(window);
  await record(kit, tx, window.id, { $case, value: { window, actor } });
}

async function cancel(kit: MaintenanceDeps["kit"], tx: FoldTx, id: string, actor: string): Promise<void> {
  await tx.windows.delete(id);
  await record(kit, tx, id, { $case: "cancelled", value: { id, actor } });
}

async function record(kit: MaintenanceDeps["kit"], tx: FoldTx, id: string, event: MaintenanceEvent): Promise<void> {
  const atMs = kit.clock.now();
  const type = `maintenance.${event.$case}`;
  const stored = {
    id: sortableId("evt", atMs, kit.random.bytes(10)),
    type,
    schemaVersion: schemaVersionOf(type),
    payload: payloadOf(event),
    metadata: { actor: event.value.actor },
    atMs,
  };
  await tx.events.append([{ stream: `maintenance-${id}`, expected: "any", events: [stored] }]);
}

function payloadOf(event: MaintenanceEvent): Uint8Array {
  switch (event.$case) {
    case "scheduled":
      return MaintenanceScheduled.encode(event.value).finish();
    case "changed":
      return MaintenanceChanged.encode(event.value).finish();
    case "ended":
      return MaintenanceEnded.encode(event.value).finish();
    case "cancelled":
      return MaintenanceCancelled.encode(event.value).finish();
  }
}

/** @throws SentinelError `maintenance_not_found` {id} */
function find(windows: readonly MaintenanceWindow[], id: string): MaintenanceWindow {
  const found = windows.find((each) => each.id === id) ?? windows.find((each) => each.name === id);
  if (found === undefined) throw new SentinelError("maintenance_not_found", { id });
  return found;
}

/** @throws SentinelError `maintenance_not_active` {name} */
function endedAt(window: MaintenanceWindow, nowMs: number): MaintenanceWindow {
  const span = currentOrNext(window, nowMs);
  if (span === undefined || span.startMs > nowMs) {
    throw new SentinelError("maintenance_not_active", { name: window.name });
  }
  return { ...window, ended: [...window.ended, { startMs: span.startMs, endMs: nowMs }].slice(-ENDS_KEPT) };
}

function newWindow(
  kit: MaintenanceDeps["kit"],
  window: MaintenanceWindow,
  source: MonitorSource,
  createdBy: string,
): MaintenanceWindow {
  const createdAtMs = kit.clock.now();
  const id = sortableId("mnt", createdAtMs, kit.random.bytes(10));
  return { ...window, id, source, createdBy, createdAtMs, ended: [] };
}

/** Held to the one schema; without a start it begins now. @throws SentinelError `maintenance_invalid` with every problem */
function demandWindow(window: MaintenanceWindow | undefined, nowMs: number, board: Board): MaintenanceWindow {
  const given = Windows.fromPartial(window ?? {});
  const { starts, zone, ...rest } = maintenanceSpecView(given);
  const input = { ...rest, ...(starts === "" ? {} : { starts }), ...(zone === "" ? {} : { zone }) };
  const parsed = parseMaintenanceInput(input, (where) => writeWall(wallAt(where, nowMs)));
  if (!parsed.ok) {
    const { problems } = parsed;
    throw new SentinelError("maintenance_invalid", { count: String(problems.length) }, { problems });
  }
  const unknown = parsed.window.monitors.find((name) => name !== ALL_MONITORS && board.monitor(name) === undefined);
  if (unknown !== undefined) throw new SentinelError("monitor_not_found", { id: unknown });
  const named = parsed.window.monitors.map((name) => board.monitor(name)?.spec?.name ?? name);
  return { ...parsed.window, monitors: named };
}

async function applyFile(
  kit: MaintenanceDeps["kit"],
  tx: FoldTx,
  known: readonly MaintenanceWindow[],
  wanted: readonly MaintenanceWindow[],
): Promise<void> {
  const names = new Set(wanted.map(({ name }) => name));
  for (const window of known) {
    if (window.source === MonitorSource.FILE && !names.has(window.name)) await cancel(kit, tx, window.id, FILE);
  }
  for (const window of wanted) {
    const before = known.find(({ name }) => name === window.name);
    const { id, createdAtMs, ended } = before ?? newWindow(kit, window, MonitorSource.FILE, FILE);
    const next = { ...window, id, createdAtMs, ended, source: MonitorSource.FILE, createdBy: FILE };
    if (before === undefined) await keep(kit, tx, "scheduled", next, FILE);
    else if (!same(before, next)) await keep(kit, tx, "changed", next, FILE);
  }
}

const same = (a: MaintenanceWindow, b: MaintenanceWindow): boolean =>
  Buffer.compare(Windows.encode(a).finish(), Windows.encode(b).finish()) === 0;

function viewOf(window: MaintenanceWindow, board: Board, nowMs: number): MaintenanceView {
  const span = currentOrNext(window, nowMs);
  const specs = board.views().flatMap(({ monitor }) => (monitor?.spec === undefined ? [] : [monitor.spec]));
  return {
    window,
    startsAtMs: span?.startMs ?? 0,
    endsAtMs: span?.endMs ?? 0,
    active: span !== undefined && span.startMs <= nowMs,
    covers: specs.filter((spec) => covers(window, spec)).length,
  };
}

/** What this process knows of windows, as the store has it by now. */
export async function loadMaintenance(store: FoldStore, book: MaintenanceBook): Promise<void> {
  book.set(await store.transaction((tx) => tx.windows.all()));
}

/**
 * Follows what others change, and time: monitors that a window begins or ceases to cover are shown anew. One that fails
 * when its window ends is asked at once, so that an incident need not wait for its next slot.
 */
export async function followMaintenance(deps: MaintenanceDeps, signal: AbortSignal): Promise<void> {
  const { kit, store, board, book } = deps;
  let before = coveredNow(deps);
  while (!signal.aborted) {
    await kit.clock.sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      await loadMaintenance(store, book);
      const now = coveredNow(deps);
      const left = [...before].filter((id) => !now.has(id));
      const moved = [...left, ...[...now].filter((id) => !before.has(id))];
      before = now;
      if (moved.length === 0) continue;
      kit.log.info("incidents.maintenance_moved", { monitors: moved.length, ended: left.length });
      deps.onShown(moved);
      for (const id of left) if ((board.view(id)?.failingRounds ?? 0) > 0) await ask(deps, id);
    } catch (error) {
      if (!signal.aborted) kit.log.warn("incidents.maintenance_not_read", { error });
    }
  }
}

function coveredNow({ kit, board, book }: MaintenanceDeps): ReadonlySet<string> {
  const nowMs = kit.clock.now();
  if (!book.touches([nowMs])) return new Set();
  const monitors = board.views().flatMap(({ monitor }) => (monitor === undefined ? [] : [monitor]));
  return new Set(
    monitors
      .filter(({ spec }) => spec !== undefined && book.at(spec, nowMs) !== undefined)
      .map((monitor) => monitor.id),
  );
}

async function ask({ bus }: MaintenanceDeps, monitorId: string): Promise<void> {
  const cause = "maintenance_ended";
  const request = CheckRequested.encode({ monitorId, cause, traceparent: "", requestId: "" }).finish();
  await bus.publish(subjects.checkNow(monitorId), request);
}
