import { createSecureServer, createServer, type ServerHttp2Stream } from "node:http2";
import type { Server } from "node:net";
import type { Certificate } from "@sentinel/testkit";

const SERVING: Readonly<Record<string, number>> = { "": 1, shop: 1, down: 2 };
const NOT_FOUND = "5";

/** gRPC's health service: the whole server and "shop" are well, "down" is not, others are not known. */
export function startGrpc(certificate?: Certificate): Server {
  const server = certificate === undefined ? createServer() : createSecureServer(certificate);
  server.on("stream", (stream) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => answer(stream, Buffer.concat(chunks).subarray(7).toString()));
  });
  server.on("session", (session) => session.on("error", () => undefined));
  return server;
}

function answer(stream: ServerHttp2Stream, service: string): void {
  const status = SERVING[service];
  const head = { ":status": 200, "content-type": "application/grpc" };
  if (status === undefined) {
    stream.respond({ ...head, "grpc-status": NOT_FOUND, "grpc-message": "unknown service" }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, status]));
}
