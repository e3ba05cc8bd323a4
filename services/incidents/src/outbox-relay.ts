import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { createKick } from "./kick.ts";
import type { FoldStore, OutboxRow } from "./store/port.ts";

const BATCH = 500;
const POLL_MS = 1000;
const COMMAND_AGAIN_MS = 10_000;

/**
 * Hands events and commands from the outbox to the bus, in order. An event is done when the bus has it; a command comes
 * again until its effect is claimed, since the bus may forget it.
 */
export function createOutboxRelay(
  kit: ServiceKit,
  bus: Bus,
  store: FoldStore,
): { kick(): void; run(signal: AbortSignal): Promise<void> } {
  const kick = createKick();
  const relay = async (): Promise<number> => {
    const rows = await store.transaction((tx) => tx.outbox.due(kit.clock.now(), BATCH));
    if (rows.length === 0) return 0;
    const published = await publishAll(bus, rows);
    if (published.length > 0) kit.failpoint("relay.after-publish");
    const now = kit.clock.now();
    await store.transaction((tx) => tx.outbox.published(published, now, now + COMMAND_AGAIN_MS));
    if (published.length < rows.length) throw new Error("the bus did not take every message");
    return rows.length;
  };
  return {
    kick: () => kick.now(),
    run: async (signal) => {
      let republished = false;
      while (!signal.aborted) {
        try {
          if (!republished) await store.transaction((tx) => tx.outbox.republish());
          republished = true;
          while (!signal.aborted && (await relay()) === BATCH);
        } catch (error) {
          if (!signal.aborted) kit.log.warn("incidents.relay_failed", { error });
        }
        await kick.wait(kit.clock, POLL_MS, signal);
      }
    },
  };
}

/** Rows that the bus took, up to the first that it did not: order within a subject is kept. */
async function publishAll(bus: Bus, rows: readonly OutboxRow[]): Promise<readonly number[]> {
  const acks = await Promise.allSettled(
    rows.map((row) =>
      bus.publish(row.subject, row.payload, {
        // A command that comes again is meant to come again, inside the window of duplicates as well.
        id: row.kind === "command" ? `${row.key}.${row.attempts}` : row.key,
        headers: row.traceparent === "" ? {} : { traceparent: row.traceparent },
      }),
    ),
  );
  const failed = acks.findIndex((ack) => ack.status === "rejected");
  return rows.slice(0, failed === -1 ? rows.length : failed).map((row) => row.id);
}
