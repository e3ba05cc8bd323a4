import { connect, createServer, type Server, type Socket } from "node:net";

type Mode = "pass" | "silent" | "other";

/** A port in front of a server, through which it can be taken away, silenced or replaced while its address stays. */
export interface Gate {
  readonly port: number;
  readonly mode: (mode: Mode) => void;
  readonly shut: () => Promise<void>;
  readonly reopen: () => Promise<void>;
}

export async function openGate(to: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let mode: Mode = "pass";
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    return socket;
  };
  const server: Server = createServer((client) => {
    keep(client);
    if (mode === "other") client.end("HELLO this is the coffee machine\r\n");
    if (mode !== "pass") return;
    const behind = keep(connect(to, "127.0.0.1"));
    client.pipe(behind).pipe(client);
    behind.on("close", () => client.destroy());
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a server on a port has an address");
  const { port } = address;
  return {
    port,
    mode: (next) => {
      mode = next;
    },
    shut: async () => {
      if (!server.listening) return;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
    reopen: () => listen(port),
  };
}
