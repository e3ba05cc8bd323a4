import { createServer, type Socket } from "node:net";
import type { Conversation, Egress, EgressFailure } from "./egress.ts";
import { EgressError } from "./egress-error.ts";

export interface LoopbackProxyLimits {
  /** Everything through this proxy ends after this. */
  readonly timeoutMs: number;
  /** Bytes that may come back over all connections; more breaks them. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A SOCKS5 server on loopback for a program that dials itself, such as a browser: each of its connections is made by an egress. */
export interface LoopbackProxy {
  readonly port: number;
  /** Why a connection to "host:port" could not be made; the first failure of each. */
  failure(hostAndPort: string): EgressFailure | undefined;
  /** Milliseconds from the first wish for a connection to its being made; undefined before. */
  firstConnectMs(): number | undefined;
  /** Resolves when more came back than allowed. */
  readonly overflow: Promise<void>;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 128;
const VERSION = 5;
const NO_AUTHENTICATION = Buffer.from([VERSION, 0]);
const reply = (code: number): Buffer => Buffer.from([VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0]);
const DONE = 0;
const REFUSED = 5;

/** Knows one program's way out: its failures, its first connection and how much came back. */
class Way {
  readonly #egress: Egress;
  readonly #limits: LoopbackProxyLimits;
  readonly #until: number;
  readonly failures = new Map<string, EgressFailure>();
  readonly #over = new AbortController();
  readonly overflow = Promise.withResolvers<void>();
  firstConnectMs: number | undefined;
  #bytes = 0;

  constructor(egress: Egress, limits: LoopbackProxyLimits) {
    this.#egress = egress;
    this.#limits = limits;
    this.#until = performance.now() + limits.timeoutMs;
  }

  end(): void {
    this.#over.abort();
  }

  /** Asks where to, dials it, and passes on what both sides say until one ends. */
  async serve(client: Socket): Promise<void> {
    const asked = await readRequest(client);
    if (asked === undefined || this.#over.signal.aborted) return void client.end(reply(REFUSED));
    const from = performance.now();
    const target = {
      ...asked,
      timeoutMs: Math.max(1, this.#until - from),
      signal: AbortSignal.any([this.#limits.signal, this.#over.signal]),
      tls: undefined,
    };
    let made = false;
    try {
      await this.#egress.converse(target, (conversation) => {
        made = true;
        this.firstConnectMs ??= performance.now() - from;
        return this.#pass(client, conversation);
      });
    } catch (thrown) {
      if (!(thrown instanceof EgressError)) throw thrown;
      const name = `${asked.host}:${asked.port}`;
      if (!made && !this.failures.has(name)) this.failures.set(name, thrown.failure);
      if (!made && !client.destroyed) client.end(reply(REFUSED));
    }
  }

  #pass(client: Socket, conversation: Conversation): Promise<void> {
    const server = conversation.socket();
    client.write(reply(DONE));
    server.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes <= this.#limits.maxBytes) return;
      this.overflow.resolve();
      this.end();
    });
    server.pipe(client);
    client.pipe(server);
    return new Promise((resolve) => {
      client.once("close", () => resolve());
      server.once("close", () => resolve());
    });
  }
}

/** @param egress dials, and refuses what may not be contacted. */
export async function startLoopbackProxy(egress: Egress, limits: LoopbackProxyLimits): Promise<LoopbackProxy> {
  const way = new Way(egress, limits);
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    client.once("close", () => clients.delete(client));
    // What goes wrong on one connection is told on that connection.
    way.serve(client).then(
      () => client.destroySoon(),
      () => client.destroy(),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a server on a port has an address");
  return {
    port: address.port,
    failure: (hostAndPort) => way.failures.get(hostAndPort),
    firstConnectMs: () => way.firstConnectMs,
    overflow: way.overflow.promise,
    close: () => {
      way.end();
      for (const client of clients) client.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Asked {
  readonly host: string;
  readonly port: number;
}

/** The greeting and the wish for a connection; undefined for what is no SOCKS5 or another wish. */
async function readRequest(client: Socket): Promise<Asked | undefined> {
  const [version, methods = 0] = await take(client, 2);
  if (version !== VERSION) return undefined;
  await take(client, methods);
  client.write(NO_AUTHENTICATION);
  const [, command, , kind, first = 0] = await take(client, 5);
  if (command !== 1) return undefined;
  const host = await readHost(client, kind, first);
  const [high = 0, low = 0] = await take(client, 2);
  return host === undefined ? undefined : { host, port: high * 256 + low };
}

/** @param first the byte after the kind: the length of a name, or the first of an address. */
async function readHost(client: Socket, kind: number | undefined, first: number): Promise<string | undefined> {
  if (kind === 3) return (await take(client, first)).toString("latin1");
  if (kind === 1) return [first, ...(await take(client, 3))].join(".");
  if (kind !== 4) return undefined;
  const bytes = Buffer.from([first, ...(await take(client, 15))]);
  return `[${[0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16)).join(":")}]`;
}

/** Exactly so many bytes; what follows them stays for whoever reads next. */
async function take(client: Socket, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes: unknown = client.read(length);
    if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes;
    if (bytes !== null || client.readableEnded || client.destroyed) throw new Error("ended before the wish was whole");
    await new Promise<void>((resolve) => {
      const go = (): void => {
        for (const event of ["readable", "end", "close"]) client.off(event, go);
        resolve();
      };
      for (const event of ["readable", "end", "close"]) client.on(event, go);
    });
  }
}
