import { AckPolicy, type ConsumerMessages, DeliverPolicy, type StreamInfo } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { Clock, Log } from "@sentinel/service-kit";
import type { Message, ReadOptions } from "../bus.ts";
import type { Connection } from "./nats-connection.ts";
import { isFinal } from "./nats-errors.ts";
import { type NatsStreams, refuseOther } from "./nats-streams.ts";
import { toMessage } from "./to-message.ts";

export interface ReaderParts {
  readonly connection: Connection;
  readonly streams: NatsStreams;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a reader is: the last message it gave, of which life of the stream. */
interface Cursor {
  epoch: string | undefined;
  seq: number;
  /** When the broker stored the message, in milliseconds; undefined for one that was not given here. */
  storedAtMs: number | undefined;
}

/** Messages asked for ahead of the loop. */
const AHEAD = 500;
const HEARTBEAT_MS = 2000;
/** The server forgets a reader that has not asked for this long; the next question makes a new one. */
const FORGOTTEN_AFTER_MS = 60_000;
const RETRY_MS = 250;

/**
 * Reads a stream in order, through any number of consumers: whenever one is lost, or misses a message, the next begins
 * where the loop is. The client's own ordered consumer would carry a position over into a stream that was made anew.
 */
export async function* readStream(
  parts: ReaderParts,
  stream: string,
  options: ReadOptions,
): AsyncGenerator<Message, void, undefined> {
  const ended = AbortSignal.any([options.signal, parts.connection.closed]);
  const cursor: Cursor = { epoch: options.epoch, seq: options.afterSeq, storedAtMs: undefined };
  let begun = false;
  while (!ended.aborted) {
    try {
      await parts.connection.online(ended);
      if (ended.aborted) return;
      const run = await openRun(parts, stream, options.filter, cursor, begun);
      begun = true;
      yield* follow(parts, run, cursor, ended);
    } catch (error) {
      if (ended.aborted) return;
      if (!begun && isFinal(error)) throw error;
      parts.log.warn("bus.read_interrupted", { stream, error });
      await parts.clock.sleep(RETRY_MS, ended);
    }
  }
}

interface Run {
  readonly stream: string;
  readonly epoch: string;
  readonly messages: ConsumerMessages;
  readonly remove: () => Promise<unknown>;
}

async function openRun(
  { connection, streams }: ReaderParts,
  stream: string,
  filter: string | undefined,
  cursor: Cursor,
  begun: boolean,
): Promise<Run> {
  const before = await streams.info(stream);
  refuseOther(stream, "retention", "limits", before.config.retention);
  cursor.seq = startAfter(before, cursor, begun);
  if (cursor.seq > 0 && !(await isSame(connection, stream, cursor))) cursor.seq = 0;
  cursor.epoch = before.created;
  const adding = connection.manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: cursor.seq + 1,
    inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
    mem_storage: true,
    num_replicas: 1,
    ...(filter === undefined || filter === ">" ? {} : { filter_subject: filter }),
  });
  const { name } = await connection.ask(adding);
  // Made anew between the question and the consumer: the position would be one of the stream before.
  const after = await streams.info(stream);
  if (after.created !== before.created) throw new Error("the stream was made anew just now");
  const consumer = await connection.ask(connection.client.consumers.get(stream, name));
  const messages = await consumer.consume({
    max_messages: AHEAD,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  });
  return { stream, epoch: before.created, messages, remove: () => consumer.delete() };
}

/** The sequence to go on after: 0, that is all that is kept, when what was read is not in this stream any more. */
function startAfter({ created, state }: StreamInfo, cursor: Cursor, begun: boolean): number {
  if (cursor.epoch !== undefined && cursor.epoch !== created) return 0;
  if (cursor.seq <= state.last_seq) return cursor.seq;
  return begun ? 0 : state.last_seq;
}

/**
 * Whether the last message given is still the one under its number: a broker that lost its tail gives the numbers to
 * others. One that is gone by age tells nothing.
 */
async function isSame(connection: Connection, stream: string, { seq, storedAtMs }: Cursor): Promise<boolean> {
  if (storedAtMs === undefined) return true;
  const found = await connection.ask(connection.manager.streams.getMessage(stream, { seq })).catch(() => null);
  return found === null || found.time.getTime() === storedAtMs;
}

async function* follow(
  { connection }: ReaderParts,
  { stream, epoch, messages, remove }: Run,
  cursor: Cursor,
  ended: AbortSignal,
): AsyncGenerator<Message, void, undefined> {
  const stop = (): void => messages.stop();
  const forget = connection.onBreak(stop);
  ended.addEventListener("abort", stop, { once: true });
  if (ended.aborted) stop();
  let delivered = 0;
  try {
    for await (const message of messages) {
      if (ended.aborted) return;
      delivered += 1;
      // A delivery that did not arrive: the next run asks for it again.
      if (message.info.deliverySequence !== delivered) return;
      cursor.seq = message.seq;
      cursor.storedAtMs = Math.floor(message.info.timestampNanos / 1_000_000);
      yield toMessage(message, stream, epoch);
      if (ended.aborted) return;
    }
  } finally {
    forget();
    ended.removeEventListener("abort", stop);
    stop();
    if (connection.connected) void remove().catch(() => undefined);
  }
}
