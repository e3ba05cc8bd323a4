import { CheckResult } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { smallerResult } from "./core/smaller-result.ts";
import type { Spooled } from "./spool/spool.ts";
import type { Unconfirmed } from "./unconfirmed.ts";

const IN_FLIGHT = 64;
const RETRY_MS = [250, 500, 1000, 2000, 5000] as const;
/** A result is made smaller this often before it waits like any other failure. */
const SIZES = 2;

/** Results on their way to the bus, a number of them at a time, each tried until the bus takes it. */
export interface Outgoing {
  /** Nothing leaves before. */
  readonly begin: () => void;
  readonly add: (entry: Spooled) => void;
  /** Takes dropped entries out of the queue. */
  readonly sweep: (dropped: readonly Spooled[]) => void;
  readonly forget: (entry: Spooled) => void;
}

export function createOutgoing(deps: {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly unconfirmed: Unconfirmed;
  /** The bus has it, at the place noted in the entry. */
  readonly onPublished: (entry: Spooled) => void;
  readonly stopping: AbortSignal;
}): Outgoing {
  const { kit, bus, unconfirmed, onPublished, stopping } = deps;
  const begun = new AbortController();
  let queue: Spooled[] = [];
  const queued = new Set<string>();
  /** How often the bus has refused a result for its size, by id. */
  const refusals = new Map<string, number>();
  let inFlight = 0;
  let failures = 0;

  const add = (entry: Spooled): void => {
    if (queued.has(entry.id)) return;
    queued.add(entry.id);
    queue.push(entry);
    pump();
  };
  const pump = (): void => {
    if (!begun.signal.aborted) return;
    while (inFlight < IN_FLIGHT && queue.length > 0 && !stopping.aborted) {
      const entry = queue.shift();
      if (entry === undefined) return;
      if (entry.dropped) {
        queued.delete(entry.id);
        continue;
      }
      inFlight += 1;
      void publish(entry);
    }
  };
  const publish = async (entry: Spooled): Promise<void> => {
    try {
      entry.sent = true;
      entry.sentAtMs ??= kit.clock.monotonic();
      const { epoch, seq } = await bus.publish(entry.subject, bytesOf(entry), { id: messageIdOf(entry) });
      kit.failpoint("prober.after-publish");
      if (failures > 0) kit.log.info("prober.bus_takes_results_again", { waiting: queued.size });
      failures = 0;
      queued.delete(entry.id);
      // What became of the entry meanwhile has the same id, so it is at the same place.
      const now = unconfirmed.current(entry);
      if (now === undefined) return;
      now.ack = { epoch, seq };
      onPublished(now);
    } catch (error) {
      await publishLater(entry, error);
    } finally {
      inFlight -= 1;
      pump();
    }
  };
  const publishLater = async (entry: Spooled, error: unknown): Promise<void> => {
    if (isTooLarge(error) && refuse(entry) <= SIZES) {
      queued.delete(entry.id);
      return add(entry);
    }
    const delayMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 5000;
    failures += 1;
    // Once for as long as it lasts: each result would say the same.
    if (failures === 1) kit.log.warn("prober.bus_takes_no_results", { error, waiting: queued.size });
    await kit.clock.sleep(delayMs, stopping);
    queued.delete(entry.id);
    const now = unconfirmed.current(entry);
    if (!stopping.aborted && now !== undefined) add(now);
  };
  const refuse = ({ id, bytes }: Spooled): number => {
    const count = (refusals.get(id) ?? 0) + 1;
    refusals.set(id, count);
    kit.log.warn("prober.result_too_large", { id, bytes: bytes.length, refusals: count });
    return count;
  };
  const bytesOf = (entry: Spooled): Uint8Array => {
    const count = refusals.get(entry.id);
    if (count === undefined) return entry.bytes;
    const smaller = CheckResult.encode(smallerResult(CheckResult.decode(entry.bytes), count)).finish();
    unconfirmed.leftAs(entry, smaller);
    return smaller;
  };
  const life = Buffer.from(kit.random.bytes(4)).toString("hex");
  /** The id of a result makes repeats harmless, but a broker may remember ids of what it has lost. */
  const messageIdOf = ({ id, renewed }: Spooled): string => (renewed === 0 ? id : `${id}~${life}.${renewed}`);
  return {
    begin: () => {
      begun.abort();
      pump();
    },
    add,
    sweep: (dropped) => {
      for (const { id } of dropped) queued.delete(id);
      queue = queue.filter((entry) => !entry.dropped);
    },
    forget: ({ id }) => void refusals.delete(id),
  };
}

const isTooLarge = (error: unknown): boolean => SentinelError.from(error).code === "bus_message_too_large";
