import type { IncomingMessage, ServerResponse } from "node:http";
import { type HttpTarget, startHttpTarget } from "@sentinel/testkit";

export interface SleepyTarget {
  readonly url: string;
  /** Answers 503 from now on, until it is woken. */
  fallAsleep(): void;
  /** Resolves once a wake-up request has come. */
  readonly knocked: Promise<void>;
  /** Lets the wake-up, and everything after it, be answered with 200. */
  wake(): void;
  stop(): Promise<void>;
}

/** A service on a host that sleeps; it wakes on `sentinel-purpose: wake-up`, and takes as long as the test says. */
export async function startSleepyTarget({ asleep }: { readonly asleep: boolean }): Promise<SleepyTarget> {
  let sleeping = asleep;
  let knock: () => void = () => undefined;
  const waiting: ServerResponse[] = [];
  const knocked = new Promise<void>((resolve) => {
    knock = resolve;
  });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!sleeping) response.end("awake\n");
    else if (request.headers["sentinel-purpose"] === "wake-up") {
      waiting.push(response);
      knock();
    } else response.writeHead(503, { "content-type": "text/plain" }).end("asleep\n");
  };
  const target: HttpTarget = await startHttpTarget(answer);
  return {
    url: target.url,
    fallAsleep: () => {
      sleeping = true;
    },
    knocked,
    wake: () => {
      sleeping = false;
      for (const response of waiting.splice(0)) response.end("awake\n");
    },
    stop: () => target.stop(),
  };
}
