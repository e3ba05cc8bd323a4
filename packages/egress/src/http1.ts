import { type ClientRequest, type IncomingMessage, request as startRequest } from "node:http";
import type { Duplex } from "node:stream";
import { failed, withAbort } from "./dial.ts";
import type { Incoming } from "./read-body.ts";
import { reasonOf } from "./reason.ts";

const MAX_HEADER_BYTES = 16 * 1024;

export interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | undefined;
}

/** The head of an answer, and its body yet to be read. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly httpVersion: string;
  readonly body: Incoming;
}

/** @param absoluteForm for a proxy, which needs the whole address. */
export async function askHttp1(
  asked: Asked,
  socket: Duplex,
  signal: AbortSignal,
  absoluteForm: boolean,
): Promise<Answer> {
  const { url } = asked;
  const sending: ClientRequest = startRequest({
    method: asked.method,
    path: `${absoluteForm ? url.origin : ""}${url.pathname}${url.search}`,
    headers: { host: url.host, ...asked.headers, connection: "close" },
    createConnection: () => socket,
    maxHeaderSize: MAX_HEADER_BYTES,
    setHost: false,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once("response", resolve);
    // A switched protocol is no HTTP answer.
    sending.once("upgrade", () => reject(failed("protocol", "first_byte", { detail: "upgrade" })));
    sending.on("error", (error) => reject(failed(reasonOf(error, "first_byte"), "first_byte", {}, error)));
  });
  sending.end(asked.body);
  const response = await withAbort(answered, signal, () => {
    sending.destroy();
    return failed("timeout_in_first_byte", "first_byte", {});
  });
  return {
    status: response.statusCode ?? 0,
    headers: flat(response),
    httpVersion: response.httpVersion,
    body: {
      stream: response,
      encoding: response.headers["content-encoding"],
      complete: () => response.complete,
      wasReset: () => response.socket.errored !== null,
    },
  };
}

function flat(response: IncomingMessage): Readonly<Record<string, string>> {
  const entries = Object.entries(response.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return Object.fromEntries(entries);
}
