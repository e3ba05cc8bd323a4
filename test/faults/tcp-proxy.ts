import { createServer, type Server, Socket } from "node:net";

/**
 * What the way between two processes does:
 * - `partition`: nothing passes; what was sent waits for the healing, as TCP repeats it then. A direction alone may be cut.
 * - `delay`: everything takes longer, in its order.
 * - `half-open`: what is sent is accepted and lost, and neither side ever hears of it, also after the healing.
 * - `reset`: open connections break in the middle of their bytes, and new ones after some of theirs.
 */
export type Trouble =
  | { readonly type: "partition"; readonly cut: "both" | "requests" | "answers" }
  | { readonly type: "delay"; readonly ms: number }
  | { readonly type: "half-open" }
  | { readonly type: "reset"; readonly afterBytes: number };

export interface TcpProxy {
  readonly port: number;
  /** Open connections, half-open ones left aside. */
  readonly connections: () => number;
  begin(trouble: Trouble): void;
  heal(): void;
  stop(): Promise<void>;
}

type Direction = "requests" | "answers";

/** A way from a port of its own to another one of this machine, that can be made as bad as a network can be. */
export async function startTcpProxy(to: number): Promise<TcpProxy> {
  const open = new Set<Connection>();
  let trouble: Trouble | undefined;
  const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true }, (near) => {
    const connection = new Connection(near, to, () => trouble);
    open.add(connection);
    near.once("close", () => {
      if (connection.closed()) open.delete(connection);
    });
    connection.far.once("close", () => {
      if (connection.closed()) open.delete(connection);
    });
  });
  const port = await listen(server);
  return {
    port,
    connections: () => [...open].filter((each) => !each.lost).length,
    begin: (next) => {
      trouble = next;
      for (const each of open) each.changed();
    },
    heal: () => {
      trouble = undefined;
      for (const each of open) each.changed();
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const each of open) each.reset();
      await closed;
    },
  };
}

class Connection {
  readonly far: Socket;
  readonly #near: Socket;
  readonly #trouble: () => Trouble | undefined;
  readonly #ways: readonly Way[];
  /** Bytes that it may still carry before it breaks. */
  #left = Number.POSITIVE_INFINITY;
  /** What went over it was accepted and thrown away: both sides believe in it for ever. */
  lost = false;

  constructor(near: Socket, to: number, trouble: () => Trouble | undefined) {
    this.#near = near;
    this.#trouble = trouble;
    this.far = new Socket({ allowHalfOpen: true });
    this.#ways = [new Way(near, this.far, this, "requests"), new Way(this.far, near, this, "answers")];
    this.changed();
    // A server that is not there refuses, once the way to it is whole.
    this.far.once("connect", () => near.resume()).setNoDelay(true);
    this.far.connect(to, "127.0.0.1");
  }

  closed(): boolean {
    return this.#near.destroyed && this.far.destroyed;
  }

  changed(): void {
    const trouble = this.#trouble();
    if (trouble?.type === "half-open") this.lost = true;
    this.#left = trouble?.type === "reset" ? trouble.afterBytes : Number.POSITIVE_INFINITY;
    for (const way of this.#ways) way.pump();
  }

  /** How long what comes now has to wait. */
  delayMs(): number {
    const trouble = this.#trouble();
    return trouble?.type === "delay" ? trouble.ms : 0;
  }

  cut(direction: Direction): boolean {
    const trouble = this.#trouble();
    return trouble?.type === "partition" && (trouble.cut === "both" || trouble.cut === direction);
  }

  /** True when the connection breaks with these bytes. */
  breaksWith(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left < 0;
  }

  reset(): void {
    this.#near.resetAndDestroy();
    this.far.destroy();
  }
}

type Item = { readonly dueMs: number } & (
  | { readonly type: "bytes"; readonly bytes: Buffer }
  | { readonly type: "end" }
  | { readonly type: "broken" }
);

/** One direction of a connection: what was sent and has not arrived yet, in its order. */
class Way {
  readonly #to: Socket;
  readonly #from: Socket;
  readonly #of: Connection;
  readonly #direction: Direction;
  readonly #queue: Item[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, of: Connection, direction: Direction) {
    this.#from = from;
    this.#to = to;
    this.#of = of;
    this.#direction = direction;
    from.on("data", (bytes: Buffer) => this.#take({ type: "bytes", bytes, dueMs: this.#due() }));
    from.on("end", () => this.#take({ type: "end", dueMs: this.#due() }));
    from.on("error", () => this.#take({ type: "broken", dueMs: this.#due() }));
    to.on("drain", () => this.pump());
    from.on("close", () => this.#take({ type: "end", dueMs: this.#due() }));
  }

  pump(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const [item] = this.#queue;
      if (item === undefined || this.#of.cut(this.#direction) || this.#to.writableNeedDrain) break;
      const waitMs = item.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.#queue.shift();
      this.#deliver(item);
    }
    // A cut way takes what a socket takes, and no more.
    if (this.#queue.length > LONGEST_QUEUE) this.#from.pause();
    else if (this.#from.isPaused() && !this.#of.far.connecting) this.#from.resume();
  }

  #due = (): number => performance.now() + this.#of.delayMs();

  #take(item: Item): void {
    if (this.#of.lost) return;
    this.#queue.push(item);
    this.pump();
  }

  #deliver(item: Item): void {
    if (this.#of.lost || this.#to.destroyed) return;
    if (item.type === "broken") return void this.#to.resetAndDestroy();
    if (item.type === "end") return void this.#to.end();
    if (this.#of.breaksWith(item.bytes.length)) return this.#of.reset();
    this.#to.write(item.bytes);
  }
}

/** Pieces of up to 64 KB each. */
const LONGEST_QUEUE = 64;

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return address.port;
}
