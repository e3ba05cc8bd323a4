import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  type JsMsg,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { ConsumeOptions, WorkMessage } from "../bus.ts";
import { filtersOverlap } from "../subject-filter.ts";
import { isApiError, isFinal } from "./nats-errors.ts";
import { mismatch, refuseOther } from "./nats-streams.ts";
import type { ReaderParts } from "./read-stream.ts";
import { toMessage } from "./to-message.ts";

/** How long one question for a message stands; the next follows at once. */
const QUESTION_MS = 30_000;
const HEARTBEAT_MS = 2000;
const RETRY_MS = 250;

/** Takes messages one by one, so that none waits in this process while its time to be acknowledged runs. */
export async function* consumeWork(
  parts: ReaderParts,
  options: ConsumeOptions,
): AsyncGenerator<WorkMessage, void, undefined> {
  const ended = AbortSignal.any([options.signal, parts.connection.closed]);
  let begun = false;
  while (!ended.aborted) {
    try {
      await parts.connection.online(ended);
      if (ended.aborted) return;
      const { consumer, epoch } = await openConsumer(parts, options);
      begun = true;
      for (;;) {
        const message = await nextMessage(parts, consumer, ended);
        if (ended.aborted) return;
        if (message !== undefined) yield toWork(parts, message, options.stream, epoch);
        if (ended.aborted) return;
      }
    } catch (error) {
      if (ended.aborted) return;
      if (!begun && isFinal(error)) throw error;
      parts.log.warn("bus.consume_interrupted", { stream: options.stream, consumer: options.name, error });
      await parts.clock.sleep(RETRY_MS, ended);
    }
  }
}

async function openConsumer(
  parts: ReaderParts,
  options: ConsumeOptions,
): Promise<{ consumer: Consumer; epoch: string }> {
  const { connection, streams } = parts;
  const { stream, name, filter } = options;
  const info = await streams.info(stream);
  refuseOther(stream, "retention", "workqueue", info.config.retention);
  await refuseOverlap(parts, options);
  await putConsumer(parts, options);
  const consumer = await connection.ask(connection.client.consumers.get(stream, name));
  const { config } = await consumer.info(true);
  const settings: [string, string | number, string | number | undefined][] = [
    ["filter", filter, config.filter_subject],
    ["ack wait", nanos(options.ackWaitMs), config.ack_wait],
    ["deliveries", options.maxDeliveries, config.max_deliver],
  ];
  for (const [setting, wanted, got] of settings) {
    if (wanted !== got) throw mismatch(stream, `${setting} of consumer ${name}`, String(wanted), String(got));
  }
  return { consumer, epoch: info.created };
}

/** The server compares filters too, but 2.9 sees only those that lie wholly within another. */
async function refuseOverlap({ connection }: ReaderParts, { stream, name, filter }: ConsumeOptions): Promise<void> {
  for await (const { name: other, config } of connection.manager.consumers.list(stream)) {
    const theirs = config.filter_subject ?? ">";
    if (other === name || !filtersOverlap(theirs, filter)) continue;
    throw mismatch(stream, `filter of consumer ${name}`, filter, `overlapping ${theirs} of consumer ${other}`);
  }
}

async function putConsumer({ connection }: ReaderParts, options: ConsumeOptions): Promise<void> {
  const { stream, name, filter, ackWaitMs, maxDeliveries } = options;
  const { consumers } = connection.manager;
  const changeable = { ack_wait: nanos(ackWaitMs), max_deliver: maxDeliveries, filter_subject: filter };
  const fixed = { durable_name: name, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All };
  try {
    await connection.ask(consumers.add(stream, { ...fixed, ...changeable }));
  } catch (error) {
    if (isApiError(error, "filterNotUnique") || isApiError(error, "queueNotUnique")) {
      throw mismatch(stream, `filter of consumer ${name}`, filter, "overlapping another consumer's", error);
    }
    // It is there with other settings: bring it to these.
    if (!(error instanceof JetStreamApiError)) throw error;
    await connection.ask(consumers.update(stream, name, changeable));
  }
}

/** One message, or undefined when the time of the question is over or the connection broke. */
async function nextMessage(
  { connection }: ReaderParts,
  consumer: Consumer,
  ended: AbortSignal,
): Promise<JsMsg | undefined> {
  await connection.online(ended);
  const messages: ConsumerMessages = await consumer.fetch({
    max_messages: 1,
    expires: QUESTION_MS,
    idle_heartbeat: HEARTBEAT_MS,
  });
  const stop = (): void => messages.stop();
  const forget = connection.onBreak(stop);
  ended.addEventListener("abort", stop, { once: true });
  if (ended.aborted) stop();
  try {
    for await (const message of messages) return message;
    return undefined;
  } finally {
    forget();
    ended.removeEventListener("abort", stop);
    stop();
  }
}

function toWork({ connection, log }: ReaderParts, message: JsMsg, stream: string, epoch: string): WorkMessage {
  const place = { stream, subject: message.subject, seq: message.seq };
  return {
    ...toMessage(message, stream, epoch),
    deliveries: message.info.deliveryCount,
    ack: async () => {
      const known = await connection.ask(message.ackAck({ timeout: connection.timeoutMs })).catch(() => false);
      if (!known) log.warn("bus.ack_unknown", place);
    },
    retry: async (delayMs) => message.nak(delayMs),
    park: async (reason) => {
      log.warn("bus.message_parked", { ...place, reason });
      // Servers before 2.10.4 do not know a reason and would ignore the whole answer.
      message.term(connection.serverIsAtLeast(2, 10, 4) ? reason : undefined);
    },
  };
}
