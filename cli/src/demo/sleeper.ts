import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "@sentinel/service-kit";

export interface SleeperOptions {
  readonly clock: Clock;
  /** Without a request for this long it falls asleep. */
  readonly idleMs: number;
  /** From the knock to the first answer. */
  readonly wakeMs: number;
}

/**
 * A service on a host that stops what nobody uses. It is asleep at first, as after a quiet night. Asleep it answers 503
 * at once; a request with `sentinel-purpose: wake-up` starts it and is answered when it is up.
 */
export function createSleeper({ clock, idleMs, wakeMs }: SleeperOptions, stopped: AbortSignal): Server {
  let awake = false;
  let lastUsedMs = clock.monotonic();
  let waking: Promise<void> | undefined;

  const wake = async (): Promise<void> => {
    await clock.sleep(wakeMs, stopped);
    awake = true;
    waking = undefined;
    lastUsedMs = clock.monotonic();
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (awake && clock.monotonic() - lastUsedMs > idleMs) awake = false;
    if (!awake && request.headers["sentinel-purpose"] === "wake-up") await (waking ??= wake());
    if (awake) lastUsedMs = clock.monotonic();
    response.writeHead(awake ? 200 : 503, { "content-type": "text/plain" }).end(awake ? "awake\n" : "asleep\n");
  };

  return createServer((request, response) => void answer(request, response));
}
