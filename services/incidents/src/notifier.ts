import { IncidentEvent } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { ServiceKit } from "@sentinel/service-kit";
import type { ChangeIncident } from "./change-incident.ts";
import type { Notification } from "./core/types.ts";
import { createKick } from "./kick.ts";
import type { IncidentsMetrics } from "./metrics.ts";
import type { Channel } from "./notify/channels.ts";
import { storedNotification } from "./notify/notification-row.ts";
import type { FoldStore, OutboxRow } from "./store/port.ts";

const POLL_MS = 1000;
const AT_ONCE = 32;
/** A claim older than this is abandoned even if its owner seems to live. */
const CLAIM_MS = 90_000;
const BACKOFF_MS = [1000, 5000, 15_000, 60_000, 300_000, 900_000, 3_600_000] as const;
const RECORD_AGAIN_MS = 500;
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

export interface NotifierDeps {
  readonly kit: ServiceKit;
  readonly store: FoldStore;
  readonly owner: string;
  /** The channels of the configuration in force, by name. */
  readonly channels: () => ReadonlyMap<string, Channel>;
  /** False while no configuration could be read since the start: a channel that is absent may only be unknown. */
  readonly channelsKnown: () => boolean;
  readonly publicUrl: string;
  readonly change: ChangeIncident;
  readonly sent: IncidentsMetrics["notifications"];
}

/**
 * Sends the messages of the outbox. The try is recorded before it is made; the id is the row's key for ever, so a
 * receiver that deduplicates sees each once, and a repeat after an unknown outcome says that it may be one.
 */
export function createNotifier(deps: NotifierDeps): { kick(): void; run(signal: AbortSignal): Promise<void> } {
  const { kit, store, owner, sent } = deps;
  const kick = createKick();
  const sending = new Set<Promise<void>>();
  const sendDue = async (signal: AbortSignal): Promise<void> => {
    if (!deps.channelsKnown()) return;
    const rows = await store.transaction((tx) =>
      tx.outbox.claimNotifications({ owner, ttlMs: CLAIM_MS, limit: AT_ONCE }),
    );
    for (const row of rows) {
      const work: Promise<void> = deliver(deps, row, signal, (channel, outcome) => sent.inc({ channel, outcome }))
        .catch((error: unknown) => kit.log.error("incidents.notify_not_recorded", { error }))
        .finally(() => {
          sending.delete(work);
          // The next message of the same channel and incident waited for this one.
          kick.now();
        });
      sending.add(work);
    }
  };
  return {
    kick: () => kick.now(),
    run: async (signal) => {
      while (!signal.aborted) {
        try {
          if (sending.size < AT_ONCE) await sendDue(signal);
        } catch (error) {
          if (!signal.aborted) kit.log.warn("incidents.notifier_failed", { error });
        }
        await kick.wait(kit.clock, POLL_MS, signal);
      }
      await Promise.allSettled(sending);
    },
  };
}

type Report = (channel: string, outcome: "delivered" | "retried" | "given_up") => void;

async function deliver(deps: NotifierDeps, row: OutboxRow, stopping: AbortSignal, report: Report): Promise<void> {
  const { kit } = deps;
  const notification = storedNotification(row, deps.publicUrl);
  const channel = deps.channels().get(notification.channel);
  if (channel === undefined) {
    report(notification.channel, "given_up");
    return await giveUp(deps, row, notification, "", "not_configured");
  }
  kit.failpoint("notify.before-send");
  const span = kit.tracing.start("incidents.notify", {
    parent: row.traceparent,
    kind: "client",
    attributes: { "sentinel.channel": channel.config.name, "sentinel.notification": notification.kind },
  });
  const fromMs = kit.clock.monotonic();
  try {
    const refused = await sendOnce(channel, { ...notification, traceparent: span.traceparent }, stopping);
    if (refused !== undefined) {
      span.fail(refused);
      return await untilRecorded(kit, stopping, () => failed(deps, row, notification, channel, refused, report));
    }
    kit.failpoint("notify.after-send");
    const tookMs = Math.round(kit.clock.monotonic() - fromMs);
    await untilRecorded(kit, stopping, () => recordDelivery(deps, row, notification, channel, tookMs));
    kit.failpoint("notify.after-record");
    report(channel.config.name, "delivered");
  } finally {
    span.end();
  }
}

/** Undefined when it was taken, else why not. */
async function sendOnce(
  channel: Channel,
  notification: Notification,
  stopping: AbortSignal,
): Promise<SentinelError | undefined> {
  try {
    await channel.send(notification, stopping);
    return undefined;
  } catch (thrown) {
    return SentinelError.from(thrown);
  }
}

/**
 * Only this process knows how the try ended: it is written as soon as the store is back, and not sent again, as long
 * as the claim lasts.
 */
async function untilRecorded({ clock }: ServiceKit, stopping: AbortSignal, record: () => Promise<void>): Promise<void> {
  const untilMs = clock.monotonic() + CLAIM_MS / 2;
  for (let tries = 0; ; tries += 1) {
    try {
      return await record();
    } catch (thrown) {
      const { code } = SentinelError.from(thrown);
      // The answer of a commit was lost with the connection, and the commit was made.
      if (tries > 0 && code === "event_id_reused") return;
      if (!code.startsWith("database_") || stopping.aborted || clock.monotonic() > untilMs) throw thrown;
      await clock.sleep(RECORD_AGAIN_MS, stopping);
    }
  }
}

async function recordDelivery(
  { kit, change }: NotifierDeps,
  row: OutboxRow,
  notification: Notification,
  channel: Channel,
  tookMs: number,
): Promise<void> {
  const atMs = kit.clock.now();
  const event = IncidentEvent.fromPartial({
    event: {
      $case: "notificationDelivered",
      value: {
        ...idsOf(notification, channel.config.type),
        attempts: row.attempts,
        tookMs,
        possibleDuplicate: row.maybeSent,
      },
    },
  });
  await change(
    notification.incident?.id ?? 0,
    { type: "Record", event, atMs },
    { traceparent: row.traceparent, eventId: `${row.key}.delivered` },
    async (tx) => {
      await tx.channels.delivered(channel.config.name, atMs);
      await tx.outbox.finish([row.key], atMs);
    },
  );
}

async function failed(
  deps: NotifierDeps,
  row: OutboxRow,
  notification: Notification,
  channel: Channel,
  error: SentinelError,
  report: Report,
): Promise<void> {
  const { kit, store } = deps;
  const reason = error.params["reason"] ?? error.code;
  const name = channel.config.name;
  kit.log.warn("incidents.notify_failed", { channel: name, reason, attempt: row.attempts, id: row.key });
  const again = error.code !== "notify_failed" || error.params["retryable"] === "true";
  if (!again || kit.clock.now() - row.atMs > GIVE_UP_AFTER_MS) {
    await giveUp(deps, row, notification, channel.config.type, reason);
    return report(name, "given_up");
  }
  const inMs = BACKOFF_MS[Math.min(row.attempts, BACKOFF_MS.length) - 1] ?? 1000;
  await store.transaction(async (tx) => {
    await tx.channels.failed(name, reason);
    await tx.outbox.retry(row.id, { inMs, maybeSent: mayHaveArrived(reason) });
  });
  report(name, "retried");
}

/** Before the request was written nothing can have arrived; a refusal by status was not taken either. */
function mayHaveArrived(reason: string): boolean {
  return !/^(dns_|connect_|tls_|address_|timeout_in_(dns|connect|tls)|http_status|smtp_refused|status)/.test(reason);
}

async function giveUp(
  { kit, change }: NotifierDeps,
  row: OutboxRow,
  notification: Notification,
  channelType: string,
  reason: string,
): Promise<void> {
  const atMs = kit.clock.now();
  const event = IncidentEvent.fromPartial({
    event: {
      $case: "notificationFailed",
      value: { ...idsOf(notification, channelType), attempts: row.attempts, reason, gaveUp: true },
    },
  });
  await change(
    notification.incident?.id ?? 0,
    { type: "Record", event, atMs },
    { traceparent: row.traceparent, eventId: `${row.key}.failed` },
    async (tx) => {
      await tx.channels.failed(notification.channel, reason);
      await tx.outbox.finish([row.key], atMs);
    },
  );
}

const idsOf = (notification: Notification, channelType: string) => ({
  notificationId: notification.id,
  channel: notification.channel,
  channelType,
  kind: notification.kind,
});
