import { createServer, type IncomingMessage, type Server } from "node:http";

/** A target that falls asleep when told, answers 503 while asleep, and wakes one second after a wake-up knock. */
export interface Sleeper {
  readonly url: string;
  /** Instants of wake-up knocks: the outside ledger of repairs. */
  readonly knocks: readonly number[];
  readonly answered: () => number;
  fallAsleep(): void;
  wake(): void;
  stop(): Promise<void>;
}

const isWakeUp = (request: IncomingMessage): boolean => request.headers["sentinel-purpose"] === "wake-up";

export async function startSleeper(): Promise<Sleeper> {
  let asleep = false;
  let answered = 0;
  const knocks: number[] = [];
  const server: Server = createServer((request, response) => {
    answered += 1;
    if (isWakeUp(request)) {
      knocks.push(Date.now());
      setTimeout(() => {
        asleep = false;
      }, 1000);
    }
    response.writeHead(asleep ? 503 : 200).end(asleep ? "asleep" : "awake");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the target has no port");
  const { port } = address;
  return {
    url: `http://127.0.0.1:${port}/`,
    knocks,
    answered: () => answered,
    fallAsleep: () => {
      asleep = true;
    },
    wake: () => {
      asleep = false;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
