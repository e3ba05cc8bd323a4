import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import type { Certificate } from "./certificate.ts";
import { withMembers } from "./http-target.ts";
import { listen, type Target } from "./listen.ts";

export interface TlsTarget extends Target {
  /** "https://127.0.0.1:port"; for a name, put it in place of the address. */
  readonly url: string;
}

/** An HTTPS server with the certificate given, however wrong that is. */
export async function startTlsTarget(
  certificate: Certificate,
  listener: RequestListener = (_request, response) => response.end("ok"),
): Promise<TlsTarget> {
  const http = createServer(listener);
  const secureContext = createSecureContext(certificate);
  const server = createTcpServer((socket) => {
    const tls = new TLSSocket(socket, { isServer: true, secureContext });
    tls.on("error", () => socket.destroy());
    http.emit("connection", tls);
  });
  const target = await listen(server, 0);
  return withMembers(target, { url: `https://${target.host}` });
}
