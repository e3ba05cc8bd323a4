import { RunRepair, STREAM_COMMANDS } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Egress } from "@sentinel/egress";
import type { Bus, WorkMessage } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { type ChangeIncident, repairKey } from "./change-incident.ts";
import { type RepairOutcome, wakeUp } from "./repairs/wake-up.ts";
import type { FoldStore } from "./store/port.ts";

/** A command that lay around longer than this after its deadline is about a world that has moved on. */
const STALE_MS = 5 * 60_000;

export interface RepairDeps {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly store: FoldStore;
  readonly egress: Egress;
  /** Identity of this process, to tell abandoned claims. */
  readonly owner: string;
  readonly change: ChangeIncident;
}

/** Runs requested repairs: claimed by a unique key first, then made, then reported. Never twice. */
export async function onRepairRequested(deps: RepairDeps, signal: AbortSignal): Promise<void> {
  const { kit, bus } = deps;
  const running = new Set<Promise<void>>();
  const options = {
    stream: STREAM_COMMANDS,
    name: "repair-requested",
    filter: "cmd.repair.v1.>",
    ackWaitMs: 60_000,
    maxDeliveries: 20,
    signal,
  };
  for await (const message of bus.consume(options)) {
    const claimed = await claim(deps, message);
    if (claimed === undefined) continue;
    const work: Promise<void> = run(deps, claimed, signal)
      .catch((error: unknown) => kit.log.error("incidents.repair_failed", { error }))
      .finally(() => running.delete(work));
    running.add(work);
  }
  await Promise.allSettled(running);
}

/** The command, if this process is the one that may run it: claim and start are one transaction. */
async function claim(deps: RepairDeps, message: WorkMessage): Promise<RunRepair | undefined> {
  const { kit, store, owner, change } = deps;
  const command = decode(message);
  if (command === undefined) {
    await message.park("not_a_repair");
    return undefined;
  }
  const { incidentId, attempt, monitorId, traceparent } = command;
  const atMs = kit.clock.now();
  const key = repairKey(incidentId, attempt);
  try {
    await change(incidentId, { type: "StartRepair", attempt, executor: owner, atMs }, { traceparent }, async (tx) => {
      const mine = { incidentId, attempt, monitorId, executor: owner, patienceMs: command.patienceMs };
      if (!(await tx.claims.claim(mine))) {
        throw new SentinelError("repair_already_started", { incident: String(incidentId), attempt: String(attempt) });
      }
      await tx.outbox.finish([key], atMs);
    });
  } catch (thrown) {
    const { code } = SentinelError.from(thrown);
    kit.log.info("incidents.repair_not_started", { incident: incidentId, attempt, code });
    if (!SETTLED.has(code)) {
      await message.retry(1000);
      return undefined;
    }
    await store.transaction((tx) => tx.outbox.finish([key], atMs));
    await message.ack();
    return undefined;
  }
  kit.failpoint("repair.after-claim");
  await message.ack();
  return command;
}

/** Nothing is left to do: the incident is over, or somebody else has the repair. */
const SETTLED = new Set(["incident_closed", "repair_already_started", "incident_not_found"]);

function decode({ data }: WorkMessage): RunRepair | undefined {
  try {
    const command = RunRepair.decode(data);
    return command.incidentId > 0 && command.endpoints.length > 0 ? command : undefined;
  } catch {
    return undefined;
  }
}

async function run(deps: RepairDeps, command: RunRepair, signal: AbortSignal): Promise<void> {
  const { kit, egress, change } = deps;
  const { incidentId, attempt } = command;
  const span = kit.tracing.start("incidents.repair", {
    parent: command.traceparent,
    kind: "client",
    attributes: { "sentinel.incident": incidentId, "sentinel.attempt": attempt },
  });
  try {
    const stale = kit.clock.now() > command.deadlineMs + STALE_MS;
    const outcome: RepairOutcome = stale
      ? { answered: false, reason: "deadline_passed", params: {}, tookMs: 0 }
      : await wakeUp(kit, egress, command, signal);
    span.set({ "sentinel.answered": outcome.answered, "sentinel.reason": outcome.reason });
    // Cut short by stopping: the outcome is unknown, and the next start settles it by checking.
    if (signal.aborted && !outcome.answered) return;
    await change(
      incidentId,
      { type: "FinishRepair", attempt, ...outcome, atMs: kit.clock.now() },
      { traceparent: span.traceparent },
      (tx) => tx.claims.finish(command, kit.clock.now(), outcome.answered ? "succeeded" : outcome.reason),
    );
    kit.failpoint("repair.after-result");
  } catch (thrown) {
    span.fail(thrown);
    throw thrown;
  } finally {
    span.end();
  }
}
