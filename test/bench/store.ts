import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partitionOf } from "@sentinel/contracts";
import { verifyLog } from "@sentinel/eventstore";
import { startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { openDatabase, postgresEventStore, provePage } from "@sentinel/eventstore/postgres";
import { silentLog } from "@sentinel/service-kit";
import {
  bare,
  type BenchAppend,
  benchEvent,
  type Contender,
  type Delivery,
  type OpenStore,
  sentinel,
  sentinelAlone,
} from "./event-stores.ts";
import { type Bench, type Figure, percentile, times, treeCpuMs } from "./report.ts";
import { rebuild } from "./rebuild.ts";
import { emmett, ensureRivals, messageDb } from "./rival-stores.ts";

const WRITERS = 16;
const STREAMS_OF_A_WRITER = 100;
const BATCH = 100;

/** How one transaction's events are laid out. */
type Layout = (writer: number, turn: number) => readonly BenchAppend[];

const oneEvent: Layout = (writer, turn) => [{ stream: streamOf(writer, turn), events: nextEvents(1) }];
const oneStream: Layout = (writer, turn) => [{ stream: streamOf(writer, turn), events: nextEvents(BATCH) }];
const manyStreams: Layout = (writer) =>
  Array.from({ length: BATCH }, (_, index) => ({ stream: streamOf(writer, index), events: nextEvents(1) }));

/** Each writer has the streams of its own share of partitions, as services that hold leases have. */
const streams = Array.from({ length: WRITERS }, (_, writer) => {
  const names = Array.from({ length: STREAMS_OF_A_WRITER * WRITERS * 3 }, (_, number) => `s${number}`);
  return names.filter((name) => partitionOf(name) % WRITERS === writer).slice(0, STREAMS_OF_A_WRITER);
});
const streamOf = (writer: number, turn: number): string => streams[writer]?.[turn % STREAMS_OF_A_WRITER] ?? "";

interface Ring {
  readonly contender: Contender;
  readonly url: string;
}

/** Sentinel's event log beside other stores on the same durable server, in turns. */
export const store: Bench = async ({ smoke }) => {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-store-"));
  // The database's own account passes through to its cluster.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dir: join(folder, "postgres"), log: silentLog, durable: true });
  try {
    const absent = ensureRivals();
    const contenders = [sentinel, sentinelAlone, bare, ...(absent === undefined ? [emmett, messageDb] : [])];
    const rings = await Promise.all(contenders.map((contender) => prepared(contender, server.url)));
    const rounds = smoke ? 1 : 3;
    const forMs = smoke ? 400 : 2500;
    // First, while the logs are short: a reader begins at their start.
    const batching = rings.filter(({ contender }) => contender !== sentinelAlone);
    const losses = await lossFigures(batching, smoke ? 800 : 5000, absent);
    const spent = (): number => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;
    const cpuMs = (): number => spent() + treeCpuMs(server.pid);
    const single = await inTurns(rings, rounds, forMs, oneEvent, cpuMs);
    const one = await inTurns(batching, rounds, forMs, oneStream, cpuMs);
    const many = await inTurns(batching, rounds, forMs, manyStreams, cpuMs);
    const what = `events appended per second, ${WRITERS} writers,`;
    return [
      ...appendFigures(`${what} 1 per call, commits shared by those who wait`, single, absent),
      ...appendFigures(`${what} 1 per call and transaction, no commit shared`, single, absent, {}, sentinelAlone),
      ...appendFigures(`${what} ${BATCH} to one stream per call`, one, absent),
      ...appendFigures(`${what} 1 to each of ${BATCH} streams per call`, many, absent, {
        [emmett.name]: ", in transactions of 1",
      }),
      ...losses,
      await verification(rings, smoke ? 20_000 : 400_000, cpuMs),
      await rebuild(await databaseOf(server.url, "rebuild"), smoke ? 10_000 : 1_000_000, cpuMs),
    ];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

/** Each in a database of its own on the one server. */
async function prepared(contender: Contender, url: string): Promise<Ring> {
  const own = await databaseOf(url, contender.name.toLowerCase().replaceAll(/[^a-z]+/g, "_"));
  await contender.prepare(own);
  return { contender, url: own };
}

async function databaseOf(url: string, name: string): Promise<string> {
  const admin = await openDatabase(url, { max: 1 });
  await admin.sql.unsafe(`CREATE DATABASE ${name}`);
  await admin.close();
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

let given = 0;
const nextEvents = (count: number) => Array.from({ length: count }, () => benchEvent((given += 1)));

/** Medians of rounds in which one after the other has the machine; connections are open and warm before the clock. */
async function inTurns(
  rings: readonly Ring[],
  rounds: number,
  forMs: number,
  layout: Layout,
  cpuMs: () => number,
): Promise<Rates> {
  const rates = new Map<Contender, Rate[]>(rings.map(({ contender }) => [contender, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { contender, url } of rings) {
      const opened = await contender.open(url, WRITERS);
      await write(opened, forMs / 8, layout);
      const before = cpuMs();
      const { events, perSecond } = await write(opened, forMs, layout);
      rates.get(contender)?.push({ perSecond, cpuUs: ((cpuMs() - before) * 1000) / events });
      await opened.close();
    }
  }
  return new Map([...rates].map(([contender, each]) => [contender, medians(each)]));
}

interface Rate {
  readonly perSecond: number;
  /** Per event, Node and PostgreSQL together. */
  readonly cpuUs: number;
}

type Rates = ReadonlyMap<Contender, Rate>;

function medians(each: readonly Rate[]): Rate {
  const of = (value: (rate: Rate) => number): number => percentile(each.map(value), 50);
  return { perSecond: of(({ perSecond }) => perSecond), cpuUs: of(({ cpuUs }) => cpuUs) };
}

/** Writers that append as fast as they can. */
async function write(
  opened: OpenStore,
  forMs: number,
  layout: Layout,
  appended: (id: string) => void = () => undefined,
): Promise<{ readonly events: number; readonly perSecond: number }> {
  const from = performance.now();
  let events = 0;
  const writer = async (_: unknown, index: number): Promise<void> => {
    for (let turn = 0; performance.now() - from < forMs; turn += 1) {
      const appends = layout(index, turn);
      await opened.append(appends);
      for (const { id } of appends.flatMap((append) => append.events)) {
        events += 1;
        appended(id);
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return { events, perSecond: (events * 1000) / (performance.now() - from) };
}

function appendFigures(
  what: string,
  rates: Rates,
  absent: string | undefined,
  notes: Readonly<Record<string, string>> = {},
  ours = sentinel,
): readonly Figure[] {
  const of = (contender: Contender): Rate => rates.get(contender) ?? { perSecond: Number.NaN, cpuUs: Number.NaN };
  const text = ({ perSecond, cpuUs }: Rate): string => `${perSecond.toFixed(0)}/s, ${cpuUs.toFixed(0)} µs CPU each`;
  const own = of(ours);
  const value = text(own);
  const against = [bare, emmett, messageDb].filter((contender) => rates.has(contender));
  const figures = against.map((contender) => ({
    what,
    value,
    against: `${contender.name}: ${text(of(contender))}${notes[contender.name] ?? ""}`,
    ratio: `${times(own.perSecond / of(contender).perSecond)}, for the same CPU time ${times(of(contender).cpuUs / own.cpuUs)}`,
  }));
  return absent === undefined ? figures : [...figures, { what, value, against: absent, ratio: "–" }];
}

interface Followed {
  readonly appended: number;
  readonly lost: number;
  readonly doubled: number;
  /** Delivered after a later one of its stream. */
  readonly disordered: number;
}

async function lossFigures(
  rings: readonly Ring[],
  forMs: number,
  absent: string | undefined,
): Promise<readonly Figure[]> {
  const what = "events lost by a reader that follows while 16 writers append";
  const results = new Map<Contender, string>();
  for (const ring of rings) {
    const followed = await followWhileWriting(ring, forMs);
    if (followed === undefined) continue;
    const { appended, lost, doubled, disordered } = followed;
    if (ring.contender === sentinel && lost + doubled + disordered > 0) {
      throw new Error(`Sentinel's reader lost ${lost}, doubled ${doubled}, disordered ${disordered} of ${appended}`);
    }
    results.set(ring.contender, `${lost} lost, ${doubled} doubled, ${disordered} out of order, of ${appended}`);
  }
  const value = results.get(sentinel) ?? "";
  const rivals = [...results].filter(([contender]) => contender !== sentinel);
  const figures = rivals.map(([{ name }, text]) => ({ what, value, against: `${name}: ${text}`, ratio: "–" }));
  return absent === undefined ? figures : [{ what, value, against: absent, ratio: "–" }];
}

/**
 * One reader from the start of the log. When the writers have ended, one more event goes to a stream of each partition,
 * one after the other: a reader that has been given those is past everything that was committed before.
 */
async function followWhileWriting({ contender, url }: Ring, forMs: number): Promise<Followed | undefined> {
  const [writing, reading] = [await contender.open(url, WRITERS), await contender.open(url, 4)];
  const ending = new AbortController();
  try {
    if (reading.follow === undefined) return undefined;
    const appended = new Set<string>();
    const seen = new Map<string, number>();
    const latest = new Map<string, number>();
    const awaited = new Set<string>();
    const past = Promise.withResolvers<void>();
    let disordered = 0;
    const following = reading.follow(({ id, stream, version }: Delivery) => {
      const times = (seen.get(id) ?? 0) + 1;
      seen.set(id, times);
      if (times === 1 && version < (latest.get(stream) ?? 0)) disordered += 1;
      else latest.set(stream, Math.max(version, latest.get(stream) ?? 0));
      if (awaited.delete(id) && awaited.size === 0) past.resolve();
    }, ending.signal);
    await write(writing, forMs, oneEvent, (id) => appended.add(id));
    const last = onePerPartition().map((stream) => ({ stream, events: nextEvents(1) }));
    for (const { events } of last) for (const { id } of events) awaited.add(id);
    for (const append of last) await writing.append([append]);
    await Promise.race([past.promise, following]);
    ending.abort();
    await following;
    const lost = [...appended].filter((id) => !seen.has(id)).length;
    const doubled = [...seen.values()].filter((count) => count > 1).length;
    return { appended: appended.size, lost, doubled, disordered };
  } finally {
    ending.abort();
    await reading.close();
    await writing.close();
  }
}

const onePerPartition = (): readonly string[] => [
  ...new Map(streams.flat().map((stream) => [partitionOf(stream), stream])).values(),
];

/** The log as the turns before left it, filled up to a size. */
async function verification(rings: readonly Ring[], events: number, cpuMs: () => number): Promise<Figure> {
  const url = rings.find(({ contender }) => contender === sentinel)?.url ?? "";
  const database = await openDatabase(url, { max: 4 });
  const opened = await sentinel.open(url, 4);
  try {
    const [before] = await database.sql<{ count: number }[]>`SELECT count(*)::int AS count FROM events`;
    for (let count = before?.count ?? 0, turn = 0; count < events; count += 2000, turn += 1) {
      await opened.append([{ stream: `fill${turn % 640}`, events: nextEvents(2000) }]);
    }
    const cpuBefore = cpuMs();
    const from = performance.now();
    const verified = await verifyLog(postgresEventStore, database, { prove: provePage, lanes: 4 });
    const perSecond = (verified.events * 1000) / (performance.now() - from);
    if (verified.damage !== undefined) throw new Error(`the log is damaged: ${JSON.stringify(verified.damage)}`);
    return {
      what: `events verified per second: chain, gaps and heads of ${verified.events}`,
      value: `${perSecond.toFixed(0)}/s, ${(((cpuMs() - cpuBefore) * 1000) / verified.events).toFixed(1)} µs CPU each`,
      against: "goal: ≥ 200000/s",
      ratio: times(perSecond / 200_000),
    };
  } finally {
    await opened.close();
    await database.close();
  }
}
