import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type HostileAnswer, type HostileReply, OURS } from "./cases.ts";

/** Where the suite's servers listen, on the first of its addresses. */
export const HTTP_PORT = 80;
export const HTTP2_PORT = 8082;
/** A proxy that leads wherever it is asked to, and resolves names itself. */
export const PROXY_PORT = 8118;

export interface HttpServers {
  /** What both servers answer to everything from now on. */
  say(answer: Pick<HostileAnswer, "status" | "headers">): void;
  stop(): Promise<void>;
}

/** HTTP/1.1 and HTTP/2 by prior knowledge. */
export async function startHttpServers(resolve: Resolve): Promise<HttpServers> {
  let said: Pick<HostileAnswer, "status" | "headers"> = { status: 200, headers: {} };
  const one = createHttp((_request, response) => void response.writeHead(said.status, { ...said.headers }).end("{}"));
  const two = createHttp2();
  two.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": said.status, ...said.headers });
    stream.end("{}");
  });
  two.on("sessionError", () => undefined);
  const stops = [await listening(one, HTTP_PORT), await listening(two, HTTP2_PORT), await startProxy(resolve)];
  return {
    say: (answer) => {
      said = answer;
    },
    stop: async () => void (await Promise.all(stops.map((stop) => stop()))),
  };
}

type Resolve = (name: string) => Promise<string | undefined>;

function startProxy(resolve: Resolve): Promise<() => Promise<void>> {
  const server = createServer((socket) => {
    socket.once("data", (first: Buffer) => {
      const line = first.toString("latin1").split("\r\n", 1)[0] ?? "";
      const tunnel = /^CONNECT (\S+):(\d+) /.exec(line);
      const [, host = "", port = "80"] = tunnel ?? /^\w+ http:\/\/([^:/]+):?(\d*)/.exec(line) ?? [];
      void resolve(host).then((address) => {
        if (address === undefined) return void socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
        const out = connect(Number(port) || 80, address, () => {
          if (tunnel === null) out.write(first);
          else socket.write("HTTP/1.1 200 OK\r\n\r\n");
          out.pipe(socket).pipe(out);
        });
        out.on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
      });
    });
  });
  return listening(server, PROXY_PORT);
}

/** Talks to whoever comes; ends with `stop`. */
export function startReplying({ greeting, reply }: HostileReply, port: number): Promise<() => Promise<void>> {
  const bytes = (of: Uint8Array | string): Buffer =>
    typeof of === "string" ? Buffer.from(of, "latin1") : Buffer.from(of);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (greeting !== undefined) socket.write(bytes(greeting));
    socket.on("data", () => {
      if (reply !== undefined && socket.writable) socket.write(bytes(reply));
    });
  });
  return listening(server, port);
}

async function listening(server: Server, port: number): Promise<() => Promise<void>> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => open.delete(socket));
  });
  server.listen(port, OURS.v4);
  await once(server, "listening");
  return async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
}
