import { setTimeout as delay } from "node:timers/promises";
import { PARTITIONS } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ProjectionDefinition, type ProjectionObserver, runProjection, unpark } from "../projection.ts";
import type { ParkedStream, ProjectionTables } from "../projection-tables.ts";
import type { EventContent } from "../store.ts";
import type { Transactions } from "../transactions.ts";
import { append, appendTo, newEvent, newStream, type OpenStore, streamIn } from "./store-handle.ts";

const HOUR_MS = 3_600_000;

/** A read model that shows what was applied to it: of each stream the versions, in the order they came. */
interface History<Tx> {
  add(tx: Tx, generation: number, name: string, event: EventContent): Promise<void>;
  all(tx: Tx, generation: number, name: string): Promise<ReadonlyMap<string, readonly number[]>>;
  drop(tx: Tx, generation: number, name: string): Promise<void>;
}

export interface OpenProjections<Tx> extends OpenStore<Tx> {
  readonly tables: ProjectionTables<Tx>;
  readonly history: History<Tx>;
}

/** What projections promise on every store. `open` gives an empty one. */
export function projectionContract<Tx>(adapter: string, open: () => Promise<OpenProjections<Tx>>): void {
  describe(`projections: ${adapter}`, () => {
    let opened: OpenProjections<Tx> | undefined;
    const at = (): OpenProjections<Tx> => {
      if (opened === undefined) throw new Error("The store is open only while a test runs.");
      return opened;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => await opened?.close());
    onceAndInOrder(at);
    generations(at);
    parking(at);
  });
}

/** Waits a turn where a real clock would wait long: nothing here is waited for by time. */
const clock = { now: () => 1_700_000_000_000, sleep: (_: number, signal?: AbortSignal) => pause(signal) };

async function pause(signal?: AbortSignal): Promise<void> {
  await delay(1, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

let made = 0;

function define<Tx>(at: () => OpenProjections<Tx>, version = 1, name?: string, failOn?: (event: EventContent) => void) {
  made += 1;
  const own = name ?? `projection-${made}`;
  const definition: ProjectionDefinition<Tx> = {
    name: own,
    version,
    apply: async (tx, events) => {
      for (const event of events) {
        failOn?.(event);
        await at().history.add(tx, version, own, event);
      }
    },
    drop: (tx, generation) => at().history.drop(tx, generation, own),
  };
  return definition;
}

/** A runner, and promises of what it tells. */
function start<Tx>(
  at: () => OpenProjections<Tx>,
  definition: ProjectionDefinition<Tx>,
  { database = at().database, batchSize = 7, pollMs = 1 } = {},
) {
  const stop = new AbortController();
  const parked: ParkedStream[] = [];
  const counts = { applied: 0, skipped: 0, troubles: 0 };
  const waiting: (() => void)[] = [];
  const observer: ProjectionObserver = {
    onApplied: (events) => (counts.applied += events),
    onSkipped: (events) => (counts.skipped += events),
    onParked: (row) => parked.push(row),
    onTrouble: () => (counts.troubles += 1),
    onCaughtUp: () => waiting.splice(0).forEach((wake) => wake()),
  };
  const ended = runProjection({ ...at(), database, clock }, definition, stop.signal, { observer, batchSize, pollMs });
  /** Twice: the first may have been looked for before the latest append. */
  const caughtUp = async (): Promise<void> => {
    for (let times = 0; times < 2; times += 1) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const end = (): Promise<string> => {
    stop.abort();
    return ended;
  };
  return { ended, caughtUp, end, parked, counts };
}

/** What a fold of the whole log gives now. */
async function expected<Tx>({ store, database }: OpenProjections<Tx>): Promise<Map<string, number[]>> {
  const fresh = new Map<string, number[]>();
  for (let part = 0; part < PARTITIONS; part += 1) {
    for (const { stream, version } of await database.transaction((tx) => store.readAll(tx, part, 0, 100_000))) {
      fresh.set(stream, [...(fresh.get(stream) ?? []), version]);
    }
  }
  return fresh;
}

function model<Tx>(at: () => OpenProjections<Tx>, { name, version }: ProjectionDefinition<Tx>) {
  return at().database.transaction((tx) => at().history.all(tx, version, name));
}

async function write<Tx>(at: () => OpenProjections<Tx>, streams: readonly string[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const stream of streams) await append({ current: at() }, appendTo(stream, [newEvent(), newEvent()]));
    at().hints.announce([0]);
  }
}

/** Loses the connection at random, before a commit and after it. */
function crashing<Tx>(database: Transactions<Tx>, seed: number): Transactions<Tx> {
  let state = seed;
  const chance = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const lost = (): never => {
    throw new SentinelError("database_unreachable", { host: "db", reason: "killed" });
  };
  return {
    transaction: async (fn) => {
      const [before, after] = [chance() < 0.12, chance() < 0.12];
      const result = await database.transaction(async (tx) => {
        const value = await fn(tx);
        return before ? lost() : value;
      });
      return after ? lost() : result;
    },
  };
}

function onceAndInOrder<Tx>(at: () => OpenProjections<Tx>): void {
  test.each([1, 2, 3])(
    "each event takes effect once, in its stream's order, whatever is lost (seed %d)",
    async (seed) => {
      await write(at, Array.from({ length: 12 }, newStream), 4);
      const definition = define(at);
      const runner = start(at, definition, { database: crashing(at().database, seed) });
      const writing = write(at, Array.from({ length: 4 }, newStream), 4);
      await writing;
      await runner.caughtUp();
      expect(await runner.end()).toBe("ended");
      expect(runner.counts.troubles).toBeGreaterThan(0);
      expect(await model(at, definition)).toEqual(await expected(at()));
    },
  );

  test("several runners of one projection take turns and double nothing", async () => {
    await write(at, Array.from({ length: 10 }, newStream), 3);
    const definition = define(at);
    const runners = [0, 1, 2].map(() => start(at, definition));
    await write(at, Array.from({ length: 10 }, newStream), 2);
    await Promise.all(runners.map((runner) => runner.caughtUp()));
    await Promise.all(runners.map((runner) => runner.end()));
    const now = await expected(at());
    expect(await model(at, definition)).toEqual(now);
    const events = [...now.values()].reduce((sum, { length }) => sum + length, 0);
    expect(runners.reduce((sum, { counts }) => sum + counts.applied, 0)).toBe(events);
  });

  test("a hint wakes it at once", async () => {
    const definition = define(at);
    const [reached, stop] = [Promise.withResolvers<void>(), new AbortController()];
    const stream = newStream();
    const announced = {
      ...definition,
      apply: async (tx: Tx, events: readonly EventContent[]) => {
        await definition.apply(tx, events);
        if (events.some((event) => event.stream === stream)) reached.resolve();
      },
    };
    const idle = Promise.withResolvers<void>();
    const sleepy = { now: clock.now, sleep: (_: number, signal?: AbortSignal) => asleep(signal) };
    const observer = { onCaughtUp: () => idle.resolve() };
    const run = runProjection({ ...at(), clock: sleepy }, announced, stop.signal, { observer, pollMs: HOUR_MS });
    await idle.promise;
    await append({ current: at() }, appendTo(stream, [newEvent()]));
    at().hints.announce([0]);
    await reached.promise;
    stop.abort();
    expect(await run).toBe("ended");
  });
}

/** Until the signal ends. */
function asleep(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
}

function generations<Tx>(at: () => OpenProjections<Tx>): void {
  const serving = (name: string) => at().database.transaction((tx) => at().tables.serving(tx, name));

  test("a new version is made beside the one that serves, while events come, and takes its place when whole", async () => {
    await write(at, Array.from({ length: 10 }, newStream), 4);
    const [first, second] = [define(at, 1, "two-versions"), define(at, 2, "two-versions")];
    const old = start(at, first);
    await old.caughtUp();
    expect(await serving("two-versions")).toBe(1);
    const events = [...(await model(at, first)).values()].flat().length;
    const reading = new AbortController();
    const seen: number[] = [];
    const reader = (async () => {
      while (!reading.signal.aborted) {
        const all = await at().database.transaction(async (tx) =>
          at().history.all(tx, await at().tables.serving(tx, "two-versions"), "two-versions"),
        );
        seen.push([...all.values()].flat().length);
        await pause();
      }
    })();
    const next = start(at, second, { batchSize: 3 });
    await write(at, Array.from({ length: 10 }, newStream), 3);
    await next.caughtUp();
    expect(await serving("two-versions")).toBe(2);
    expect(await old.ended).toBe("superseded");
    reading.abort();
    await reader;
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(events);
    expect(await model(at, second)).toEqual(await expected(at()));
    expect(await model(at, first)).toEqual(new Map());
    await next.end();
  });

  test("an older version has nothing to do once a newer one serves", async () => {
    const newer = start(at, define(at, 5, "downgraded"));
    await newer.caughtUp();
    await newer.end();
    const older = define(at, 4, "downgraded");
    expect(await start(at, older).ended).toBe("superseded");
    expect(await serving("downgraded")).toBe(5);
    expect(await model(at, older)).toEqual(new Map());
  });

  test("a version that is being made is not served when the process ends, and goes on where it was", async () => {
    await write(at, Array.from({ length: 4 }, newStream), 2);
    const limited = define(at, 1, "begun", () => {
      if (applied === 9) stop();
      applied += 1;
    });
    let applied = 0;
    const runner = start(at, limited, { batchSize: 2 });
    const stop = (): void => void runner.end();
    expect(await runner.ended).toBe("ended");
    expect(await serving("begun")).toBe(0);
    const again = start(at, define(at, 1, "begun"));
    await again.caughtUp();
    await again.end();
    expect(await serving("begun")).toBe(1);
    expect(await model(at, limited)).toEqual(await expected(at()));
  });
}

function parking<Tx>(at: () => OpenProjections<Tx>): void {
  const parked = ({ name, version }: ProjectionDefinition<Tx>) =>
    at().database.transaction((tx) => at().tables.parked(tx, { name, generation: version }));

  /** A stream whose second event cannot be applied while `broken` says so, and neighbours in its partition. */
  const scene = async () => {
    const [bad, good, ...others] = [streamIn(21), streamIn(21), newStream(), newStream()];
    const streams = [bad, good, ...others];
    await write(at, streams, 3);
    const trouble = { reason: "cannot use \0 this" };
    const definition = define(at, 1, undefined, ({ stream, version }) => {
      if (stream === bad && version === 2 && trouble.reason !== "") throw new RangeError(trouble.reason);
    });
    return { bad, good, streams, definition, trouble };
  };

  test("an event that fails parks its stream, with the reason, and everything else goes on", async () => {
    const { bad, streams, definition } = await scene();
    const runner = start(at, definition);
    await runner.caughtUp();
    await write(at, streams, 1);
    await runner.caughtUp();
    await runner.end();
    const now = await expected(at());
    expect(await model(at, definition)).toEqual(new Map([...now, [bad, [1]]]));
    const row = { stream: bad, part: 21, version: 2, reason: "RangeError: cannot use \uFFFD this" };
    expect(runner.parked).toMatchObject([row]);
    expect(await parked(definition)).toEqual([{ ...runner.parked[0], skipped: 6 }]);
    expect(runner.counts).toMatchObject({ skipped: 6, troubles: 0 });
  });

  test("unparking applies what waited, in order, once the cause is gone, and keeps the stream before", async () => {
    const { bad, definition, trouble, streams } = await scene();
    const runner = start(at, definition);
    await runner.caughtUp();
    trouble.reason = "still";
    const source = { ...at(), clock };
    expect(await unpark(source, definition, bad)).toBe(false);
    expect(await parked(definition)).toMatchObject([{ stream: bad, reason: "RangeError: still", skipped: 4 }]);
    trouble.reason = "";
    const healing = unpark(source, definition, bad);
    await write(at, streams, 2);
    expect(await healing).toBe(true);
    expect(await unpark(source, definition, bad)).toBe(false);
    await runner.caughtUp();
    await runner.end();
    expect(await parked(definition)).toEqual([]);
    expect(await model(at, definition)).toEqual(await expected(at()));
  });

  test("parked streams are tried once more at each start", async () => {
    const { definition, trouble } = await scene();
    const first = start(at, definition);
    await first.caughtUp();
    await first.end();
    trouble.reason = "";
    const second = start(at, definition);
    await second.caughtUp();
    await second.end();
    expect(await model(at, definition)).toEqual(await expected(at()));
  });

  test("a fault of the database parks nothing", async () => {
    await write(at, [newStream()], 2);
    let failures = 0;
    const definition = define(at, 1, undefined, () => {
      failures += 1;
      if (failures <= 3) throw new SentinelError("database_timeout", { host: "db" });
    });
    const runner = start(at, definition);
    await runner.caughtUp();
    await runner.end();
    // Two lanes may have failed in one attempt.
    expect([2, 3]).toContain(runner.counts.troubles);
    expect(await parked(definition)).toEqual([]);
    expect(await model(at, definition)).toEqual(await expected(at()));
  });
}
