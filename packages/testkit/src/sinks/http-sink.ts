import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { createInbox, createRefusals } from "./inbox.ts";

/** A request that was posted, as it came. */
export interface Posted {
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpSink<T> {
  readonly url: string;
  readonly port: number;
  /** What was taken, oldest first. */
  readonly received: readonly T[];
  /** What was answered with another status than 2xx, oldest first. */
  readonly refused: readonly T[];
  /** Resolves once at least `count` were taken. */
  waitFor(count: number): Promise<void>;
  /** Resolves once at least `count` were refused. */
  waitForRefused(count: number): Promise<void>;
  /** Refuses the next `count` requests with this status. */
  failNext(count: number, status: number): void;
  stop(): Promise<void>;
}

/** An HTTP server on loopback that keeps what is posted to it. */
export async function startHttpSink<T>(options: {
  readonly path: string;
  /** The port; a free one when absent. */
  readonly port?: number;
  readonly read: (posted: Posted) => T;
  /** Body of the good answer. */
  readonly answer: string;
}): Promise<HttpSink<T>> {
  const taken = createInbox<T>();
  const refused = createInbox<T>();
  const refusals = createRefusals();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const item = options.read({ path: request.url ?? "", headers: headersOf(request), body: await text(request) });
    const status = request.method === "POST" ? refusals.next() : 405;
    response.statusCode = status ?? 200;
    response.end(status === undefined ? options.answer : "refused");
    (status === undefined ? taken : refused).add(item);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${options.path}`,
    port,
    received: taken.received,
    refused: refused.received,
    waitFor: (count) => taken.waitFor(count),
    waitForRefused: (count) => refused.waitFor(count),
    failNext: (count, status) => refusals.failNext(count, status),
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}
