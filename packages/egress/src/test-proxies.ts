import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "@sentinel/testkit";

export interface TestProxy {
  readonly host: string;
  /** What the proxy was asked for. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** A proxy that understands CONNECT and whole addresses; it leads every name to loopback. */
export function startHttpProxy(certificate?: Certificate): Promise<TestProxy> {
  const asked: string[] = [];
  const talk = (socket: Socket): void => {
    socket.once("data", (first: Buffer) => {
      const line = first.toString("latin1").split("\r\n", 1)[0] ?? "";
      asked.push(line);
      const connecting = /^CONNECT .*:(\d+) /.exec(line);
      const port = Number(connecting?.[1] ?? /^\w+ http:\/\/[^:/]+:(\d+)/.exec(line)?.[1]);
      const out = connect(port, "127.0.0.1", () => {
        if (connecting === null) out.write(first);
        else socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        out.pipe(socket);
        socket.pipe(out);
      });
      out.on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    });
  };
  return started(certificate === undefined ? createServer(talk) : createTlsServer(certificate, talk), asked);
}

/** RFC 1928 without authentication. */
export function startSocksProxy(refuseWith = 0): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", (request: Buffer) => {
        const size = request[3] === 1 ? 4 : 16;
        const port = request.readUInt16BE(4 + size);
        asked.push(`${[...request.subarray(4, 4 + size)].join(".")}:${port}`);
        if (refuseWith !== 0) return void socket.end(Buffer.from([5, refuseWith, 0, 1, 0, 0, 0, 0, 0, 0]));
        const out = connect(port, size === 4 ? "127.0.0.1" : "::1", () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          out.pipe(socket);
          socket.pipe(out);
        });
        out.on("error", () => socket.destroy());
      });
    });
  });
  return started(server, asked);
}

async function started(server: Server, asked: string[]): Promise<TestProxy> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    open.add(socket.on("close", () => open.delete(socket)));
  });
  server.on("secureConnection", (socket: Socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    host: `127.0.0.1:${address.port}`,
    asked,
    stop: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
