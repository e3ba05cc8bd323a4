import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import {
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { SentinelError } from "@sentinel/contracts";
import type { Secret } from "@sentinel/contracts/config";
import type { Clock, Log, Random } from "@sentinel/service-kit";
import { unavailable } from "./nats-errors.ts";

export interface NatsConnectionOptions {
  /** Such as nats://127.0.0.1:4222. */
  readonly servers: readonly string[];
  /** Shown by the server's monitoring. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly token?: Secret;
  /** Content of a credentials file. */
  readonly creds?: Secret;
  /** How long one request to the server may take, the first connection included. */
  readonly timeoutMs: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
const DRAIN_LIMIT_MS = 1000;
/** Two unanswered pings mean that the server is gone, though TCP has not noticed. */
const PING_MS = 5000;

/**
 * A connection that comes back for ever, with backoff and jitter. What was under way when it broke is not resumed here:
 * `onBreak` tells those who wait.
 */
export class Connection {
  readonly servers: string;
  readonly timeoutMs: number;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly #nc: NatsConnection;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #broken = new Set<() => void>();
  readonly #closed = new AbortController();
  #back = Promise.withResolvers<void>();
  #connected = true;

  private constructor(nc: NatsConnection, manager: JetStreamManager, options: NatsConnectionOptions) {
    this.#nc = nc;
    this.#log = options.log;
    this.#clock = options.clock;
    this.servers = shown(options.servers);
    this.timeoutMs = options.timeoutMs;
    this.client = jetstream(nc, { timeout: options.timeoutMs });
    this.manager = manager;
  }

  /** Errors: `bus_unavailable`, `bus_refused`. */
  static async open(options: NatsConnectionOptions): Promise<Connection> {
    const tries = new Backoff(options.random);
    const settings = connectionSettings(options, tries);
    const deadline = options.clock.monotonic() + options.timeoutMs;
    for (;;) {
      try {
        const nc = await connect(settings);
        const manager = await managerOf(nc, options.timeoutMs);
        const connection = new Connection(nc, manager, options);
        void connection.#watch(tries);
        return connection;
      } catch (error) {
        const servers = shown(options.servers);
        if (isRefusal(error))
          throw new SentinelError("bus_refused", { servers, reason: error.message }, { cause: error });
        const leftMs = deadline - options.clock.monotonic();
        if (leftMs <= 0) throw unavailable(servers, options.timeoutMs, error);
        await options.clock.sleep(Math.min(tries.delayMs, leftMs));
        tries.tried();
      }
    }
  }

  get connected(): boolean {
    return this.#connected && !this.#closed.signal.aborted;
  }

  /** Ends when `close` is called. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get maxPayloadBytes(): number {
    return this.#nc.info?.max_payload ?? 0;
  }

  /** True when the connected server has this version or a newer one. */
  serverIsAtLeast(major: number, minor: number, patch: number): boolean {
    const [a = 0, b = 0, c = 0] = (this.#nc.info?.version ?? "").split(/[.-]/).map(Number);
    return a !== major ? a > major : b !== minor ? b > minor : c >= patch;
  }

  /** Waits until the server can be asked; errors: `bus_closed`, `bus_unavailable` when it takes longer than this. */
  async ready(limitMs: number): Promise<void> {
    if (this.#closed.signal.aborted) throw new SentinelError("bus_closed");
    if (this.#connected) return;
    const done = new AbortController();
    await Promise.race([this.online(done.signal), this.#clock.sleep(limitMs, done.signal)]);
    done.abort();
    if (this.#closed.signal.aborted) throw new SentinelError("bus_closed");
    if (!this.#connected) throw unavailable(this.servers, this.timeoutMs, new Error("not connected"));
  }

  /** Waits for the server as long as it takes, or until the signal ends or the connection is closed. */
  online(signal: AbortSignal): Promise<void> {
    const given = AbortSignal.any([signal, this.#closed.signal]);
    if (this.#connected || given.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      given.addEventListener("abort", () => resolve(), { once: true });
      void this.#back.promise.then(resolve);
    });
  }

  /** What was asked of the server, or an error at once when the connection breaks: the answer would never come. */
  async ask<T>(question: Promise<T>): Promise<T> {
    const broken = Promise.withResolvers<never>();
    const forget = this.onBreak(() => broken.reject(new errors.ConnectionError("the connection broke")));
    try {
      return await Promise.race([question, broken.promise]);
    } finally {
      forget();
    }
  }

  /** Calls back when the connection breaks and again when it is back; returns the way to stop that. */
  onBreak(callback: () => void): () => void {
    this.#broken.add(callback);
    return () => void this.#broken.delete(callback);
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    for (const callback of this.#broken) callback();
    if (this.#connected) await this.#drain();
    await this.#nc.close();
  }

  /** Sends what is still buffered, such as a last acknowledgement; a server that hangs must not hold us up. */
  async #drain(): Promise<void> {
    const drained = new AbortController();
    const drain = async (): Promise<void> => {
      await this.#nc.drain().catch(() => undefined);
      drained.abort();
    };
    await Promise.race([drain(), this.#clock.sleep(DRAIN_LIMIT_MS, drained.signal)]);
  }

  async #watch(tries: Backoff): Promise<void> {
    for await (const status of this.#nc.status()) {
      if (status.type === "disconnect") this.#lost();
      else if (status.type === "reconnecting") tries.tried();
      else if (status.type === "reconnect") this.#returned(tries);
      else if (status.type === "error") this.#log.warn("bus.server_error", { error: status.error });
    }
  }

  #lost(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#back = Promise.withResolvers<void>();
    if (!this.#closed.signal.aborted) this.#log.warn("bus.disconnected", { servers: this.servers });
    for (const callback of this.#broken) callback();
  }

  #returned(tries: Backoff): void {
    tries.reset();
    this.#connected = true;
    this.#log.info("bus.reconnected", { servers: this.servers });
    for (const callback of this.#broken) callback();
    this.#back.resolve();
  }
}

/** Doubling delays of which a random half is taken off, so that many clients do not come back at once. */
class Backoff {
  readonly #random: Random;
  #tries = 0;
  /** Before the next try. */
  delayMs: number;

  constructor(random: Random) {
    this.#random = random;
    this.delayMs = this.#draw();
  }

  tried(): void {
    this.#tries = Math.min(this.#tries + 1, 10);
    this.delayMs = this.#draw();
  }

  reset(): void {
    this.#tries = 0;
    this.delayMs = this.#draw();
  }

  #draw(): number {
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#tries) * (0.5 + this.#random.next() / 2);
  }
}

function connectionSettings(options: NatsConnectionOptions, tries: Backoff): NodeConnectionOptions {
  const { servers, name, token, creds, timeoutMs } = options;
  return {
    servers: [...servers],
    name,
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    // Asked many times per try, so the tries are counted where they are seen.
    reconnectDelayHandler: () => tries.delayMs,
    pingInterval: PING_MS,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(token === undefined ? {} : { token: token.reveal() }),
    ...(creds === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(creds.reveal())) }),
  };
}

async function managerOf(nc: NatsConnection, timeoutMs: number): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(nc, { timeout: timeoutMs });
  } catch (error) {
    await nc.close();
    throw error;
  }
}

function isRefusal(error: unknown): error is Error {
  return error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;
}

/** Addresses without a user name or password that may be in them. */
function shown(servers: readonly string[]): string {
  return servers.map((server) => server.replace(/\/\/[^@/]*@/, "//")).join(", ");
}
