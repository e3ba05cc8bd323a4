import { createHash } from "node:crypto";
import type { Monitor } from "@sentinel/contracts";
import {
  MonitorChanged,
  MonitorCreated,
  MonitorDeleted,
  MonitorSource,
  MonitorSpec,
  partitionOf,
  Resolution,
  sortableId,
  subjects,
} from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { schemaVersionOf } from "@sentinel/contracts/events";
import type { NewEvent } from "@sentinel/eventstore";
import type { ServiceKit } from "@sentinel/service-kit";
import { initialMonitorState } from "./core/detection.ts";
import type { MonitorState } from "./core/types.ts";
import { closed } from "./fold.ts";
import { type ChannelsOf, type CommittedChanges, createIncidentChanges, NO_CHANGES } from "./incident-changes.ts";
import { loadStates } from "./load-states.ts";
import type { FoldStore, FoldTx } from "./store/port.ts";

export interface MonitorsDeps {
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  readonly channelsOf: ChannelsOf;
  readonly onChanged: (change: MonitorChange) => void;
}

/** What a transaction did to one monitor. */
export interface MonitorChange extends CommittedChanges {
  /** Undefined when it was deleted. */
  readonly monitor: Monitor | undefined;
  readonly id: string;
  /** Undefined when the state stays as it was. */
  readonly state: MonitorState | undefined;
}

export interface Monitors {
  /** @throws SentinelError `monitor_name_taken` {name}, `idempotency_key_reused` {key} */
  create(
    spec: MonitorSpec,
    options: { source: MonitorSource; actor: string; idempotencyKey: string },
  ): Promise<Monitor>;
  /** @throws SentinelError `monitor_not_found` {id}, `version_mismatch`, `monitor_name_taken` */
  change(id: string, spec: MonitorSpec, options: ChangeOptions): Promise<Monitor>;
  /** Its open incident is resolved with it. @throws SentinelError `monitor_not_found` {id}, `version_mismatch` */
  remove(id: string, options: ChangeOptions): Promise<void>;
}

interface ChangeOptions {
  readonly actor: string;
  /** 0 for any. */
  readonly expectedVersion: number;
  /** Who owns it from now on; as before when absent. */
  readonly source?: MonitorSource;
}

export function createMonitors(deps: MonitorsDeps): Monitors {
  const { kit, store, onChanged } = deps;
  const newEvent = (type: string, payload: Uint8Array, actor: string, atMs: number): NewEvent => ({
    id: sortableId("evt", atMs, kit.random.bytes(10)),
    type: `monitor.${type}`,
    schemaVersion: schemaVersionOf(`monitor.${type}`),
    payload,
    metadata: { actor },
    atMs,
  });
  const append = async (tx: FoldTx, id: string, expected: "none" | "exists", event: NewEvent): Promise<void> => {
    await tx.events.append([{ stream: `monitor-${id}`, expected, events: [event] }]);
  };
  const take = async (tx: FoldTx, id: string, expectedVersion: number): Promise<Monitor> => {
    await tx.partitions.revise([partitionOf(id)]);
    const [monitor] = await tx.monitors.load([id]);
    if (monitor === undefined) throw new SentinelError("monitor_not_found", { id });
    if (expectedVersion !== 0 && expectedVersion !== monitor.version) {
      throw new SentinelError("version_mismatch", {
        expected: String(expectedVersion),
        actual: String(monitor.version),
      });
    }
    return monitor;
  };
  /** A monitor that is no longer watched has no open incident, and begins anew should it be watched again. */
  const closeIncident = async (tx: FoldTx, id: string, resolution: Resolution, actor: string) => {
    const nowMs = kit.clock.now();
    // Nobody runs a check of it any more, so one that was asked for would be asked for ever.
    await tx.outbox.finishCommands(subjects.checkNow(id), nowMs);
    const isStored = (await tx.states.load([id])).size > 0;
    const known = isStored ? (await loadStates(tx, [id], nowMs)).get(id) : undefined;
    if (known === undefined) return { committed: NO_CHANGES, state: undefined };
    // Rounds on both sides of a pause are not rounds in a row.
    const state = { ...known, failingRounds: 0, firstFailureMs: 0, healthyRounds: 0 };
    const before = (await tx.incidents.lock([state.openIncidentId])).get(state.openIncidentId);
    if (before === undefined || before.resolvedAtMs > 0) {
      await tx.states.save(new Map([[id, state]]));
      return { committed: NO_CHANGES, state };
    }
    const changes = createIncidentChanges(deps);
    const atMs = kit.clock.now();
    const after = changes.apply(before, { type: "Resolve", actor, resolution, atMs }, { traceparent: "", actor });
    const next = closed(state, after, atMs);
    await tx.states.save(new Map([[id, next]]));
    return { committed: await changes.commit(tx), state: next };
  };

  return {
    create: async (spec, { source, actor, idempotencyKey }) => {
      const nowMs = kit.clock.now();
      const requestHash = hashOf(spec);
      const id = sortableId("mon", nowMs, kit.random.bytes(10));
      const fresh: Monitor = { id, spec, source, version: 1, createdAtMs: nowMs, changedAtMs: nowMs };
      const make = async (tx: FoldTx): Promise<Monitor> => {
        const earlier = idempotencyKey === "" ? undefined : await tx.idempotency.find(idempotencyKey);
        if (earlier !== undefined) return await repeated(tx, earlier, requestHash, idempotencyKey);
        await tx.partitions.revise([partitionOf(id)]);
        await tx.monitors.save(fresh);
        const payload = MonitorCreated.encode({ monitor: fresh, actor }).finish();
        await append(tx, id, "none", newEvent("created", payload, actor, nowMs));
        if (idempotencyKey !== "") {
          await tx.idempotency.save(idempotencyKey, { requestHash, response: id, atMs: nowMs });
        }
        return fresh;
      };
      const monitor = await store.transaction(make).catch((thrown: unknown) => {
        // The name may be taken by the same request, sent twice at the same time: then its key is known by now.
        if (idempotencyKey === "" || SentinelError.from(thrown).code !== "monitor_name_taken") throw thrown;
        return store.transaction(make);
      });
      onChanged({ ...NO_CHANGES, monitor, id: monitor.id, state: undefined });
      return monitor;
    },
    change: async (id, spec, { actor, expectedVersion, source }) => {
      const nowMs = kit.clock.now();
      const done = await store.transaction(async (tx) => {
        const before = await take(tx, id, expectedVersion);
        const monitor = {
          ...before,
          spec,
          source: source ?? before.source,
          version: before.version + 1,
          changedAtMs: nowMs,
        };
        await tx.monitors.save(monitor);
        const pausing = spec.paused && before.spec?.paused !== true;
        const { committed, state } = pausing
          ? await closeIncident(tx, id, Resolution.MONITOR_PAUSED, actor)
          : { committed: NO_CHANGES, state: undefined };
        await append(
          tx,
          id,
          "exists",
          newEvent("changed", MonitorChanged.encode({ monitor, actor }).finish(), actor, nowMs),
        );
        return { monitor, committed, state };
      });
      onChanged({ ...done.committed, monitor: done.monitor, id, state: done.state });
      return done.monitor;
    },
    remove: async (id, { actor, expectedVersion }) => {
      const nowMs = kit.clock.now();
      const committed = await store.transaction(async (tx) => {
        await take(tx, id, expectedVersion);
        const incidentDone = await closeIncident(tx, id, Resolution.MONITOR_DELETED, actor);
        await tx.monitors.delete(id, nowMs);
        await tx.heartbeats.forget([id]);
        await append(
          tx,
          id,
          "exists",
          newEvent("deleted", MonitorDeleted.encode({ monitorId: id, actor }).finish(), actor, nowMs),
        );
        return incidentDone.committed;
      });
      onChanged({ ...committed, monitor: undefined, id, state: initialMonitorState });
    },
  };
}

async function repeated(
  tx: FoldTx,
  earlier: { readonly requestHash: string; readonly response: string },
  requestHash: string,
  key: string,
): Promise<Monitor> {
  if (earlier.requestHash !== requestHash) throw new SentinelError("idempotency_key_reused", { key });
  const [monitor] = await tx.monitors.load([earlier.response]);
  if (monitor === undefined) throw new SentinelError("monitor_not_found", { id: earlier.response });
  return monitor;
}

function hashOf(spec: MonitorSpec): string {
  return createHash("sha256").update(MonitorSpec.encode(spec).finish()).digest("hex");
}

/** Who may change a monitor over REST or gRPC. @throws SentinelError `monitor_owned_by_file` {name} */
export function demandEditable(monitor: Monitor): void {
  if (monitor.source === MonitorSource.FILE) {
    throw new SentinelError("monitor_owned_by_file", { name: monitor.spec?.name ?? monitor.id });
  }
}
