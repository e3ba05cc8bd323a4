import { setTimeout as sleep } from "node:timers/promises";
import { type EventReader, readEventFrames } from "../harness/event-frames.ts";
import { until } from "../harness/sentinel.ts";

export interface FanoutResult {
  readonly clients: number;
  readonly frames: number;
  /** Did not begin with a snapshot. */
  readonly withoutSnapshot: number;
  /** Saw a number again, or a smaller one after a larger one. */
  readonly outOfOrder: number;
  /** Missed a frame that others got while they were connected. */
  readonly withGaps: number;
  /** Refused, dropped or broken by the server, with the reasons. */
  readonly ended: number;
  readonly reasons: readonly string[];
}

interface Client {
  readonly numbers: number[];
  first: string;
  ended: string | undefined;
  reader: EventReader | undefined;
}

/** Holds `clients` event streams open for `forMs` and compares what each received with what the others did. */
export async function sseFanout(url: string, count: number, forMs: number): Promise<FanoutResult> {
  const clients = Array.from({ length: count }, () => openClient(`${url}/api/v1/events`));
  try {
    const begun = (): true | undefined =>
      clients.every((client) => client.first !== "" || client.ended !== undefined) ? true : undefined;
    await until("a first frame for every client", begun, 30_000);
    await sleep(forMs);
  } finally {
    for (const { reader } of clients) reader?.close();
  }
  return compare(clients);
}

function openClient(url: string): Client {
  const client: Client = { numbers: [], first: "", ended: undefined, reader: undefined };
  client.reader = readEventFrames(
    url,
    ({ id, event }) => {
      if (event === "") return;
      if (client.first === "") client.first = event;
      const number = /-(\d+)$/.exec(id)?.[1];
      if (number !== undefined) client.numbers.push(Number(number));
    },
    (reason) => {
      client.ended = reason;
    },
  );
  return client;
}

/** Between the last client that came and the first that stopped, everybody must have the same numbers. */
function compare(clients: readonly Client[]): FanoutResult {
  const from = Math.max(...clients.map(({ numbers }) => numbers[0] ?? 0));
  const to = Math.min(...clients.map(({ numbers }) => numbers.at(-1) ?? 0));
  const shared = clients.map(({ numbers }) => new Set(numbers.filter((number) => number > from && number <= to)));
  const sent = new Set(shared.flatMap((numbers) => [...numbers]));
  const isOrdered = (numbers: readonly number[]): boolean =>
    numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
  const ended = clients.flatMap((client) => (client.ended === undefined ? [] : [client.ended]));
  return {
    clients: clients.length,
    frames: clients.reduce((sum, { numbers }) => sum + numbers.length, 0),
    withoutSnapshot: clients.filter(({ first }) => first !== "snapshot").length,
    outOfOrder: clients.filter(({ numbers }) => !isOrdered(numbers)).length,
    withGaps: shared.filter((numbers) => numbers.size < sent.size).length,
    ended: ended.length,
    reasons: [...new Set(ended)],
  };
}
