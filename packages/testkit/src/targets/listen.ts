import { once } from "node:events";
import type { Server, Socket } from "node:net";

/** A server on a free loopback port that tests aim at. */
export interface Target {
  readonly port: number;
  readonly host: string;
  /** Connections taken since the start. */
  readonly connections: number;
  /** Connections open now. */
  readonly open: number;
  /** Resolves when no connection is open. */
  idle(): Promise<void>;
  /** Ends every connection and stops listening. */
  stop(): Promise<void>;
}

/** Listens on loopback and keeps count of what is connected. `port` 0 takes a free one. */
export async function listen(server: Server, port: number): Promise<Target> {
  const sockets = new Set<Socket>();
  let waiting: (() => void)[] = [];
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    // A hostile target is left in the middle of things: that is the point, not an error.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const wake of waiting) wake();
      waiting = [];
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the target listens on no port");
  return {
    port: address.port,
    host: `127.0.0.1:${address.port}`,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
