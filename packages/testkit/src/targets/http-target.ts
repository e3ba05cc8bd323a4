import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { listen, type Target } from "./listen.ts";

export interface HttpTarget extends Target {
  readonly url: string;
  /** What was asked so far, oldest first. */
  readonly requests: readonly IncomingMessage[];
  /** From now on requests are answered so. */
  answer(listener: RequestListener): void;
}

/** A plain HTTP server whose answers a test may change at any moment; 200 "ok" when it says nothing. */
export async function startHttpTarget(listener: RequestListener = answerOk, port = 0): Promise<HttpTarget> {
  const requests: IncomingMessage[] = [];
  let current = listener;
  const server = createServer((request, response) => {
    requests.push(request);
    current(request, response);
  });
  const target = await listen(server, port);
  return withMembers(target, {
    url: `http://${target.host}`,
    requests,
    answer: (next: RequestListener) => {
      current = next;
    },
  });
}

function answerOk(_request: IncomingMessage, response: ServerResponse): void {
  response.end("ok");
}

/** Adds members without losing the getters, as a spread would. */
export function withMembers<T extends object, U extends object>(target: T, members: U): T & U {
  return Object.assign(target, members);
}
