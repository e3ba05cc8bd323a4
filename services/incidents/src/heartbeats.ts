import { createHash } from "node:crypto";
import {
  CheckRequested,
  type Endpoint,
  type HeartbeatState,
  type Monitor,
  partitionOf,
  pingRequestId,
  type SentinelApi,
  subjects,
  type TakePingRequest,
} from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Board } from "./board.ts";
import { afterPing, silentSoFar, slugOf } from "./core/heartbeat.ts";
import type { Deaf } from "./deaf.ts";
import type { FoldStore, FoldTx } from "./store/port.ts";

/** Rounds that were asked for are made from the ping that they tell of, so the last of them are kept. */
const PINGS_KEPT = 100;
/** Owner of the key under which monitors are called by their slugs. */
const EVERYBODY = "";
const LOG_BYTES = 4096;

export interface HeartbeatDeps {
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  readonly board: Pick<Board, "monitor" | "views">;
  readonly deaf: Deaf;
  /** Hands what waits in the outbox to the bus at once. */
  readonly kick: () => void;
}

type HeartbeatOperations = Pick<SentinelApi, "takePing" | "getHeartbeat" | "getPingAddress">;

/** Pings are safe in the store before they are answered, each with the request for the round that tells of it. */
export function createHeartbeatOperations(deps: HeartbeatDeps): HeartbeatOperations {
  const { kit, store, board, deaf, kick } = deps;
  return {
    takePing: async (request, { traceparent }) => {
      const atMs = kit.clock.now();
      const taken = await store.transaction(async (tx) => {
        const monitor = await calledBy(tx, board, request);
        const before = (await tx.heartbeats.lock(monitor.id)) ?? silentSoFar;
        const state = afterPing(before, { ...request, log: request.log.slice(-LOG_BYTES) }, atMs);
        await tx.heartbeats.save(monitor.id, state, PINGS_KEPT);
        if (monitor.spec?.paused !== true) await askForRound(tx, monitor.id, state, atMs, traceparent);
        return { monitorId: monitor.id, seq: state.seq };
      });
      kick();
      return taken;
    },
    getHeartbeat: async ({ monitorId, seq }) => {
      const { id } = waiting(board, monitorId);
      const state = await store.transaction((tx) => tx.heartbeats.at(id, seq));
      const { fromMs, untilMs } = deaf.last();
      return { state, nowMs: kit.clock.now(), deafFromMs: fromMs, deafUntilMs: untilMs };
    },
    getPingAddress: async ({ monitorId }) => {
      const monitor = waiting(board, monitorId);
      const own = heartbeatOf(monitor)?.tokenHash !== "";
      const { token, key } = await store.transaction(async (tx) => ({
        token: own ? "" : await tx.heartbeats.token(monitor.id, uuidOf(kit.random.bytes(16))),
        key: await tx.heartbeats.token(EVERYBODY, Buffer.from(kit.random.bytes(16)).toString("base64url")),
      }));
      return { token, key, slug: slugOf(monitor.spec?.name ?? "") };
    },
  };
}

type Heartbeat = Extract<NonNullable<Endpoint["check"]>, { readonly $case: "heartbeat" }>["value"];

function heartbeatOf(monitor: Monitor | undefined): Heartbeat | undefined {
  const check = monitor?.spec?.endpoints[0]?.check;
  return check?.$case === "heartbeat" ? check.value : undefined;
}

/** @throws SentinelError `monitor_not_found`, `monitor_not_called` for one that is asked instead */
function waiting(board: HeartbeatDeps["board"], id: string): Monitor {
  const monitor = board.monitor(id);
  if (monitor === undefined) throw new SentinelError("monitor_not_found", { id });
  if (heartbeatOf(monitor) === undefined) throw new SentinelError("monitor_not_called", { id });
  return monitor;
}

/** @throws SentinelError `ping_unknown`, `ping_ambiguous` {slug} */
async function calledBy(tx: FoldTx, board: HeartbeatDeps["board"], request: TakePingRequest): Promise<Monitor> {
  const { token, slug } = request;
  const owner = await tx.heartbeats.ownerOf(token);
  if (slug !== "") {
    if (owner !== EVERYBODY) throw new SentinelError("ping_unknown");
    const [found, other] = all(board).filter(({ spec }) => slugOf(spec?.name ?? "") === slug);
    if (other !== undefined) throw new SentinelError("ping_ambiguous", { slug });
    if (found === undefined) throw new SentinelError("ping_unknown");
    return found;
  }
  const monitor = owner === undefined ? withTokenOfItsOwn(board, token) : board.monitor(owner);
  // A token that was given is void once the monitor has one of its own.
  const outdated = owner !== undefined && heartbeatOf(monitor)?.tokenHash !== "";
  if (owner === EVERYBODY || outdated || monitor === undefined) throw new SentinelError("ping_unknown");
  return monitor;
}

const all = (board: HeartbeatDeps["board"]): readonly Monitor[] =>
  board
    .views()
    .flatMap(({ monitor }) => (monitor === undefined || heartbeatOf(monitor) === undefined ? [] : [monitor]));

function withTokenOfItsOwn(board: HeartbeatDeps["board"], token: string): Monitor | undefined {
  const tokenHash = createHash("sha256").update(token).digest("hex");
  return all(board).find((monitor) => heartbeatOf(monitor)?.tokenHash === tokenHash);
}

/** It is repeated until the round is folded, so that nothing that was acknowledged goes untold. */
async function askForRound(
  tx: FoldTx,
  monitorId: string,
  { seq }: HeartbeatState,
  atMs: number,
  traceparent: string,
): Promise<void> {
  const requestId = pingRequestId(monitorId, seq);
  const payload = CheckRequested.encode({ monitorId, cause: "ping", traceparent, requestId }).finish();
  const subject = subjects.checkNow(monitorId);
  const part = partitionOf(monitorId);
  await tx.outbox.add([{ kind: "command", subject, part, payload, key: requestId, atMs, traceparent }]);
}

/** A version 4 UUID, which clients of Healthchecks expect. */
function uuidOf(random: Uint8Array): string {
  const bytes = Uint8Array.from(random);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
