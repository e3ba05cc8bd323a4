import { JetStreamApiError, type PubAck } from "@nats-io/jetstream";
import { headers as natsHeaders, type MsgHdrs } from "@nats-io/transport-node";
import { SentinelError } from "@sentinel/contracts";
import type { Secret } from "@sentinel/contracts/config";
import { type Clock, type Log, type Random, systemClock, systemRandom } from "@sentinel/service-kit";
import type {
  Bus,
  ConsumeOptions,
  Message,
  PublishAck,
  PublishOptions,
  ReadOptions,
  StreamConfig,
  WorkMessage,
} from "../bus.ts";
import { isPublishable } from "../subject-filter.ts";
import { consumeWork } from "./consume-work.ts";
import { Connection } from "./nats-connection.ts";
import { unavailable } from "./nats-errors.ts";
import { NatsStreams } from "./nats-streams.ts";
import { readStream } from "./read-stream.ts";

export interface NatsBusOptions {
  /** Such as ["nats://127.0.0.1:4222"]; several for a cluster. */
  readonly servers: readonly string[];
  /** Name of this client in the server's monitoring, such as "prober". */
  readonly name: string;
  readonly log: Log;
  readonly token?: Secret;
  /** Content of a credentials file. */
  readonly creds?: Secret;
  /** Copies of each stream in a cluster; 1 when absent. */
  readonly replicas?: number;
  /** How long connecting at first, publishing or asking may take; 5 s when absent. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * The bus on NATS JetStream, server 2.9.10 or newer. Once connected it comes back for ever, and makes its streams again
 * if the server lost them. Errors: `bus_unavailable`, `bus_refused`.
 */
export async function createNatsBus(options: NatsBusOptions): Promise<Bus> {
  const { clock = systemClock, random = systemRandom, timeoutMs = 5000, replicas = 1 } = options;
  const connection = await Connection.open({ ...options, clock, random, timeoutMs });
  return new NatsBus(connection, new NatsStreams(connection, clock, replicas), clock, options.log);
}

class NatsBus implements Bus {
  readonly #connection: Connection;
  readonly #streams: NatsStreams;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(connection: Connection, streams: NatsStreams, clock: Clock, log: Log) {
    this.#connection = connection;
    this.#streams = streams;
    this.#clock = clock;
    this.#log = log;
  }

  ensureStream(config: StreamConfig): Promise<void> {
    return this.#streams.ensure(config);
  }

  async publish(subject: string, data: Uint8Array, options: PublishOptions = {}): Promise<PublishAck> {
    if (!isPublishable(subject)) throw new SentinelError("bus_subject_invalid", { subject });
    const deadline = this.#clock.monotonic() + this.#connection.timeoutMs;
    for (;;) {
      try {
        return await this.#publishOnce(subject, data, options, deadline);
      } catch (error) {
        // With an id the same message is not stored twice, so a broken connection is a reason to try again at once.
        const again = options.id !== undefined && !this.#connection.connected && !this.#connection.closed.aborted;
        if (!again || this.#clock.monotonic() >= deadline) throw this.#failure(error);
      }
    }
  }

  read(stream: string, options: ReadOptions): AsyncIterable<Message> {
    return readStream(this.#parts(), stream, options);
  }

  consume(options: ConsumeOptions): AsyncIterable<WorkMessage> {
    return consumeWork(this.#parts(), options);
  }

  async state(stream: string): Promise<{ epoch: string; firstSeq: number; lastSeq: number }> {
    const { created, state } = await this.#streams.info(stream);
    const firstSeq = state.messages === 0 ? state.last_seq + 1 : state.first_seq;
    return { epoch: created, firstSeq, lastSeq: state.last_seq };
  }

  connected(): boolean {
    return this.#connection.connected;
  }

  onBack(listener: () => void): () => void {
    return this.#connection.onBreak(() => {
      if (this.#connection.connected) listener();
    });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #parts() {
    return { connection: this.#connection, streams: this.#streams, clock: this.#clock, log: this.#log };
  }

  async #publishOnce(
    subject: string,
    data: Uint8Array,
    options: PublishOptions,
    deadline: number,
  ): Promise<PublishAck> {
    await this.#connection.ready(this.#leftMs(deadline));
    this.#refuseOversize(subject, data);
    // Taken before sending: if the stream is made anew meanwhile, the answer names the old epoch, which is the safe error.
    const epoch = await this.#streams.epoch(await this.#streams.route(subject));
    const ack = await this.#send(subject, data, options, deadline);
    return { stream: ack.stream, epoch, seq: ack.seq, duplicate: ack.duplicate };
  }

  async #send(subject: string, data: Uint8Array, options: PublishOptions, deadline: number): Promise<PubAck> {
    try {
      return await this.#try(subject, data, options, deadline);
    } catch (error) {
      if (!isNobodyListening(error)) throw error;
      const remade = await this.#streams.remake(subject);
      if (!remade) throw new SentinelError("bus_subject_unknown", { subject }, { cause: error });
    }
    return this.#try(subject, data, options, deadline);
  }

  #try(subject: string, data: Uint8Array, { id, headers }: PublishOptions, deadline: number): Promise<PubAck> {
    const publishing = this.#connection.client.publish(subject, data, {
      timeout: this.#leftMs(deadline),
      ...(id === undefined ? {} : { msgID: id }),
      ...(headers === undefined ? {} : { headers: toHeaders(headers) }),
    });
    return this.#connection.ask(publishing);
  }

  #leftMs(deadline: number): number {
    return Math.max(1, Math.ceil(deadline - this.#clock.monotonic()));
  }

  #refuseOversize(subject: string, data: Uint8Array): void {
    const limit = this.#connection.maxPayloadBytes;
    if (data.length <= limit) return;
    const sizes = { bytes: String(data.length), limitBytes: String(limit) };
    throw new SentinelError("bus_message_too_large", { subject, ...sizes });
  }

  #failure(error: unknown): SentinelError {
    if (this.#connection.closed.aborted) return new SentinelError("bus_closed", {}, { cause: error });
    return unavailable(this.#connection.servers, this.#connection.timeoutMs, error);
  }
}

/** The client says that JetStream is off when no stream takes a subject. */
function isNobodyListening(error: unknown): boolean {
  return error instanceof Error && !(error instanceof JetStreamApiError) && error.name === "JetStreamNotEnabled";
}

function toHeaders(from: Readonly<Record<string, string>>): MsgHdrs {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(from)) headers.set(name, value);
  return headers;
}
