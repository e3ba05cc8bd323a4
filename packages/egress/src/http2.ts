import { connect, constants, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from "node:http2";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { failed, withAbort } from "./dial.ts";
import type { Answer, Asked } from "./http1.ts";
import { reasonOf } from "./reason.ts";

const MAX_HEADER_BYTES = 16 * 1024;
/** Of the connection, not of the request: HTTP/2 has no such headers. */
const OF_CONNECTION = new Set(["host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

/** One exchange over HTTP/2: agreed on by ALPN where there is TLS, by prior knowledge where there is none. */
export async function askHttp2(asked: Asked, socket: Socket, signal: AbortSignal): Promise<Answer> {
  if (socket instanceof TLSSocket && socket.alpnProtocol !== "h2") {
    throw failed("http2_not_offered", "tls", { host: asked.url.hostname });
  }
  const session = connect(asked.url.origin, {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: MAX_HEADER_BYTES },
    maxSendHeaderBlockLength: MAX_HEADER_BYTES,
  });
  const given = (name: string): string | undefined =>
    Object.entries(asked.headers).find(([each]) => each.toLowerCase() === name)?.[1];
  const passed = Object.entries(asked.headers).filter(([name]) => !OF_CONNECTION.has(name.toLowerCase()));
  const stream = session.request(
    {
      ...Object.fromEntries(passed.map(([name, value]) => [name.toLowerCase(), value])),
      ":method": asked.method,
      ":scheme": asked.url.protocol.replace(":", ""),
      ":authority": given("host") ?? asked.url.host,
      ":path": `${asked.url.pathname}${asked.url.search}`,
    },
    { endStream: asked.body === undefined },
  );
  const head = new Promise<IncomingHttpHeaders & IncomingHttpStatusHeader>((resolve, reject) => {
    const fail = (error?: Error): void =>
      reject(failed(error === undefined ? "empty_reply" : reasonOf(error, "first_byte"), "first_byte", {}, error));
    stream.once("response", resolve);
    stream.on("error", fail);
    session.on("error", fail);
    stream.once("close", () => fail());
  });
  if (asked.body !== undefined) stream.end(asked.body);
  const headers = await withAbort(head, signal, () => failed("timeout_in_first_byte", "first_byte", {}));
  const texts = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(":") || value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  return {
    status: headers[":status"] ?? 0,
    headers: Object.fromEntries(texts),
    httpVersion: "2",
    body: {
      stream,
      encoding: headers["content-encoding"],
      complete: () => !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR,
      wasReset: () => stream.rstCode !== constants.NGHTTP2_NO_ERROR,
    },
  };
}
