import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { createKick } from "./kick.ts";
import type { IncidentsMetrics } from "./metrics.ts";
import type { FoldStore, OutboxRow } from "./store/port.ts";

const BATCH = 500;
const POLL_MS = 1000;
const COMMAND_AGAIN_MS = 10_000;

/** What no later try can mend. */
const LASTING = new Set(["bus_message_too_large", "bus_subject_invalid", "bus_subject_unknown"]);

export interface OutboxRelayDeps {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly store: FoldStore;
  readonly deadLetters: IncidentsMetrics["deadLetters"];
}

export interface OutboxRelay {
  /** Looks at once, if it runs. */
  kick(): void;
  /** Publishes the rows of these partitions until the signal ends, and then ends what is in hand. */
  run(parts: readonly number[], signal: AbortSignal): Promise<void>;
}

/**
 * Hands events and commands from the outbox to the bus, each subject in order. An event is done when the bus has it; a
 * command comes again until its effect is claimed, since the bus may forget it. A row that the bus will never take is
 * kept as a dead letter, so that it does not hold up those behind it.
 */
export function createOutboxRelay(deps: OutboxRelayDeps): OutboxRelay {
  const { kit, store } = deps;
  const kick = createKick();
  return {
    kick: () => kick.now(),
    run: async (parts, signal) => {
      let republished = false;
      while (!signal.aborted) {
        try {
          if (!republished) await store.transaction((tx) => tx.outbox.republish(parts));
          republished = true;
          while (!signal.aborted && (await relay(deps, parts)) === BATCH);
        } catch (error) {
          if (!signal.aborted) kit.log.warn("incidents.relay_failed", { error });
        }
        await kick.wait(kit.clock, POLL_MS, signal);
      }
    },
  };
}

/** How many rows were due. @throws what the bus said, when it did not take them all */
async function relay({ kit, bus, store, deadLetters }: OutboxRelayDeps, parts: readonly number[]): Promise<number> {
  const rows = await store.transaction((tx) => tx.outbox.due(BATCH, parts));
  if (rows.length === 0) return 0;
  const { taken, refused, failure } = await publishAll(bus, rows);
  if (taken.length > 0) kit.failpoint("relay.after-publish");
  const atMs = kit.clock.now();
  await store.transaction(async (tx) => {
    await tx.outbox.published(taken, atMs, COMMAND_AGAIN_MS);
    if (refused.length === 0) return;
    await tx.deadLetters.add(
      refused.map(({ row: { subject, payload }, reason }) => ({ source: "outbox", subject, payload, reason, atMs })),
    );
    await tx.outbox.finish(
      refused.map(({ row }) => row.key),
      atMs,
    );
  });
  deadLetters.inc({ source: "outbox" }, refused.length);
  if (failure !== undefined) throw failure.thrown;
  return rows.length;
}

interface Published {
  readonly taken: number[];
  readonly refused: { readonly row: OutboxRow; readonly reason: string }[];
  failure: { readonly thrown: unknown } | undefined;
}

/** Subjects beside each other, the rows of a subject one after the other, up to the first that the bus did not take. */
async function publishAll(bus: Bus, rows: readonly OutboxRow[]): Promise<Published> {
  const published: Published = { taken: [], refused: [], failure: undefined };
  const queues = [...Map.groupBy(rows, (row) => row.subject).values()];
  await Promise.all(queues.map((queue) => publishInOrder(bus, queue, published)));
  return published;
}

async function publishInOrder(bus: Bus, queue: readonly OutboxRow[], published: Published): Promise<void> {
  for (const row of queue) {
    try {
      await bus.publish(row.subject, row.payload, {
        // A command that comes again is meant to come again, inside the window of duplicates as well.
        id: row.kind === "command" ? `${row.key}.${row.attempts}` : row.key,
        headers: row.traceparent === "" ? {} : { traceparent: row.traceparent },
      });
      published.taken.push(row.id);
    } catch (thrown) {
      const { code } = SentinelError.from(thrown);
      if (!LASTING.has(code)) {
        published.failure ??= { thrown };
        return;
      }
      published.refused.push({ row, reason: code });
    }
  }
}
