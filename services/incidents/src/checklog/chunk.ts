import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { CheckResult, EndpointResult } from "@sentinel/contracts";
import { readTexts, shift, textAt, Texts, unshift, verdictAt, verdictCode } from "./codes.ts";
import { ByteReader, ByteWriter, readColumn, readInstants, writeColumn, writeInstants } from "./columns.ts";

const VERSION = 1;
/** More than any hour can have, so that damaged bytes cannot ask for all the memory there is. */
const MOST_ROUNDS = 1_000_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** Whose rounds a chunk holds; it is kept beside the chunk, not in it. */
export interface ChunkKey {
  readonly monitorId: string;
  readonly region: string;
}

/**
 * Rounds of one monitor and region as one compressed chunk, in order of their slots. Kept are slot, start, duration,
 * verdict, reason, prober, version, flags, missed slots, and of each endpoint address, verdict, reason, status, duration
 * and phases; times that were measured are rounded to 0.1 ms. Evidence, trace contexts and
 * fields that are not known here are not kept.
 */
export function encodeChunk(results: readonly CheckResult[]): Uint8Array {
  const rounds = results.toSorted((a, b) => a.slotMs - b.slotMs);
  const out = new ByteWriter();
  const texts = new Texts();
  const columns = new ByteWriter();
  writeRounds(columns, rounds, texts);
  writeEndpoints(columns, byPlace(rounds), texts);
  out.varint(rounds.length);
  texts.write(out);
  const body = Buffer.concat([out.done(), columns.done()]);
  return Buffer.concat([Uint8Array.of(VERSION), zstdCompressSync(body)]);
}

/**
 * The rounds of a chunk by slot.
 * @throws RangeError when the bytes are damaged or of a version that is not known
 */
export function decodeChunk(bytes: Uint8Array, key: ChunkKey): CheckResult[] {
  const { from, count } = open(bytes);
  if (count === 0) return [];
  const texts = readTexts(from);
  const column = (): number[] => readColumn(from, count);
  const slots = readInstants(from, count);
  const [starts, verdicts, reasons, probers] = [column(), column(), column(), column()];
  const [versions, asked, missed, missedUntil] = [column(), column(), column(), column()];
  const [endpointCounts, durations] = [column(), column()];
  const endpoints = readEndpoints(from, endpointCounts, texts);
  return slots.map((slotMs, row) => {
    const seen = endpoints[row] ?? [];
    const start = starts[row] ?? 0;
    const until = missedUntil[row] ?? 0;
    return {
      ...key,
      prober: textAt(texts, probers[row]),
      slotMs,
      startedAtMs: start === 0 ? 0 : slotMs + unshift(start),
      durationMs: ((durations[row] ?? 0) + longest(seen)) / 10,
      verdict: verdictAt(verdicts[row]),
      reason: textAt(texts, reasons[row]),
      endpoints: seen,
      missedSlots: missed[row] ?? 0,
      missedUntilMs: until === 0 ? 0 : slotMs + unshift(until),
      monitorVersion: versions[row] ?? 0,
      onDemand: asked[row] === 1,
      requestId: "",
      traceparent: "",
    };
  });
}

/** Only the slots, which cost less to read. @throws RangeError as `decodeChunk` does */
export function decodeSlots(bytes: Uint8Array): number[] {
  const { from, count } = open(bytes);
  if (count === 0) return [];
  readTexts(from);
  return readInstants(from, count);
}

/** The result as it comes back from a chunk. */
export function asKept({ _unknownFields, ...result }: CheckResult): CheckResult {
  return {
    ...result,
    durationMs: tenths(result.durationMs) / 10,
    traceparent: "",
    verdict: verdictAt(verdictCode(result.verdict)),
    endpoints: result.endpoints.map(({ _unknownFields, ...each }) => ({
      ...each,
      verdict: verdictAt(verdictCode(each.verdict)),
      durationMs: tenths(each.durationMs) / 10,
      phases: each.phases === undefined ? undefined : phasesOf(phaseTenths(each)),
      evidence: undefined,
    })),
  };
}

function open(bytes: Uint8Array): { readonly from: ByteReader; readonly count: number } {
  if (bytes[0] !== VERSION) throw new RangeError(`a chunk of version ${bytes[0]}, which is not known here`);
  let body: Uint8Array;
  try {
    body = zstdDecompressSync(bytes.subarray(1), { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw new RangeError("a chunk that cannot be decompressed", { cause: error });
  }
  const from = new ByteReader(body);
  const count = from.varint();
  if (count > MOST_ROUNDS) throw new RangeError(`a chunk of ${count} rounds`);
  return { from, count };
}

const tenths = (ms: number): number => Math.round(ms * 10);
/** Of the endpoints' durations, in tenths: a round lasts about as long as its slowest endpoint. */
const longest = (endpoints: readonly EndpointResult[]): number =>
  endpoints.reduce((most, { durationMs }) => Math.max(most, tenths(durationMs)), 0);

function writeRounds(out: ByteWriter, rounds: readonly CheckResult[], texts: Texts): void {
  if (rounds.length === 0) return;
  const column = (value: (round: CheckResult) => number): void => writeColumn(out, rounds.map(value));
  writeInstants(
    out,
    rounds.map((round) => round.slotMs),
  );
  column((round) => (round.startedAtMs === 0 ? 0 : shift(round.startedAtMs - round.slotMs)));
  column((round) => verdictCode(round.verdict));
  column((round) => texts.place(round.reason));
  column((round) => texts.place(round.prober));
  column((round) => round.monitorVersion);
  column((round) => (round.onDemand ? 1 : 0));
  column((round) => round.missedSlots);
  column((round) => (round.missedUntilMs === 0 ? 0 : shift(round.missedUntilMs - round.slotMs)));
  column((round) => round.endpoints.length);
  column((round) => tenths(round.durationMs) - longest(round.endpoints));
}

/** The first endpoints of all rounds, then the second ones: what repeats stands together. */
function byPlace(rounds: readonly CheckResult[]): readonly EndpointResult[] {
  const places = rounds.reduce((most, { endpoints }) => Math.max(most, endpoints.length), 0);
  return Array.from({ length: places }, (_, place) => place).flatMap((place) =>
    rounds.flatMap(({ endpoints }) => endpoints.slice(place, place + 1)),
  );
}

const phaseTenths = ({ phases }: EndpointResult): readonly number[] =>
  phases === undefined
    ? [0, 0, 0, 0, 0]
    : [phases.dnsMs, phases.connectMs, phases.tlsMs, phases.firstByteMs, phases.transferMs].map(tenths);

function phasesOf(values: readonly number[]): NonNullable<EndpointResult["phases"]> {
  const [dnsMs = 0, connectMs = 0, tlsMs = 0, firstByteMs = 0, transferMs = 0] = values.map((value) => value / 10);
  return { dnsMs, connectMs, tlsMs, firstByteMs, transferMs };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function writeEndpoints(out: ByteWriter, endpoints: readonly EndpointResult[], texts: Texts): void {
  const column = (value: (endpoint: EndpointResult) => number): void => writeColumn(out, endpoints.map(value));
  column((each) => texts.place(each.url));
  column((each) => verdictCode(each.verdict));
  column((each) => texts.place(each.reason));
  column((each) => each.status);
  column((each) => (each.phases === undefined ? 0 : 1));
  for (const phase of [0, 1, 2, 3, 4]) column((each) => phaseTenths(each)[phase] ?? 0);
  // The phases nearly add up to the whole, so what is left is small.
  column((each) => tenths(each.durationMs) - sum(phaseTenths(each)));
}

function readEndpoints(
  from: ByteReader,
  counts: readonly number[],
  texts: readonly string[],
): readonly EndpointResult[][] {
  const total = sum(counts);
  if (total > MOST_ROUNDS * 10) throw new RangeError(`a chunk of ${total} endpoints`);
  const column = (): number[] => readColumn(from, total);
  const [urls, verdicts, reasons, statuses, present] = [column(), column(), column(), column(), column()];
  const phases = [column(), column(), column(), column(), column()];
  const rests = column();
  const rounds: EndpointResult[][] = counts.map(() => []);
  const places = counts.reduce((a, b) => Math.max(a, b), 0);
  let at = 0;
  for (let place = 0; place < places; place += 1) {
    for (const [row, count] of counts.entries()) {
      if (place >= count) continue;
      const values = phases.map((phase) => phase[at] ?? 0);
      rounds[row]?.push({
        url: textAt(texts, urls[at]),
        verdict: verdictAt(verdicts[at]),
        reason: textAt(texts, reasons[at]),
        status: statuses[at] ?? 0,
        durationMs: ((rests[at] ?? 0) + sum(values)) / 10,
        phases: present[at] === 1 ? phasesOf(values) : undefined,
        evidence: undefined,
      });
      at += 1;
    }
  }
  return rounds;
}
