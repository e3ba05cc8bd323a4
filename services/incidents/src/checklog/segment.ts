import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { CheckResult, type EndpointResult, verdictFromJSON } from "@sentinel/contracts";
import { readTexts, shift, textAt, Texts, unshift, verdictAt, verdictCode } from "./codes.ts";
import { ByteReader, ByteWriter, unzigzag, zigzag } from "./columns.ts";

const ROUNDS_IN_ORDER = 1;
/** What a schema step made of rows of their own: protobuf results, each after the columns it had. */
const FORMER_ROWS = 2;
const MOST_BYTES = 256 * 1024 * 1024;
/** Longer than any time that is measured; what is not a number or not within is cut to it. */
const MOST_MICROS = 2 ** 48;

/** Of a round what lists of many monitors need. */
export interface RoundHead {
  readonly monitorId: string;
  readonly region: string;
  readonly slotMs: number;
  readonly verdict: CheckResult["verdict"];
  readonly durationMs: number;
  readonly reason: string;
  readonly missedSlots: number;
  readonly startedAtMs: number;
}

/**
 * Rounds of any monitors in the order in which they are given, as one compressed value. Measured times are kept to the
 * microsecond; evidence, trace contexts, requests answered and fields that are not known here are not kept.
 */
export function encodeSegment(results: readonly CheckResult[]): Uint8Array {
  const texts = new Texts();
  const rows = new ByteWriter();
  const row = new ByteWriter();
  let beforeMs = 0;
  for (const result of results) {
    row.clear();
    writeRound(row, result, result.slotMs - beforeMs, texts);
    rows.append(row);
    beforeMs = result.slotMs;
  }
  const head = new ByteWriter();
  head.varint(results.length);
  texts.write(head);
  const body = Buffer.concat([head.view(), rows.view()]);
  return Buffer.concat([Uint8Array.of(ROUNDS_IN_ORDER), zstdCompressSync(body)]);
}

/**
 * The rounds of a segment, in their order; of the monitors wanted only, when said.
 * @throws RangeError when the bytes are damaged or of a version that is not known
 */
export function decodeSegment(bytes: Uint8Array, wanted: (monitorId: string) => boolean = () => true): CheckResult[] {
  if (bytes[0] === FORMER_ROWS) return formerRows(bytes).filter(({ monitorId }) => wanted(monitorId));
  const found: CheckResult[] = [];
  for (const { head, from, texts } of rowsOf(bytes))
    if (wanted(head.monitorId)) found.push(readRest(head, from, texts));
  return found;
}

/** Costs less than the whole rounds. @throws RangeError as `decodeSegment` does */
export function decodeHeads(bytes: Uint8Array): RoundHead[] {
  if (bytes[0] === FORMER_ROWS) return formerRows(bytes);
  return Array.from(rowsOf(bytes), ({ head }) => head);
}

/** The result as it comes back from a segment. */
export function asHot({ _unknownFields, ...result }: CheckResult): CheckResult {
  return {
    ...result,
    durationMs: micros(result.durationMs) / 1000,
    requestId: "",
    traceparent: "",
    verdict: verdictAt(verdictCode(result.verdict)),
    endpoints: result.endpoints.map(({ _unknownFields, ...each }) => ({
      ...each,
      verdict: verdictAt(verdictCode(each.verdict)),
      durationMs: micros(each.durationMs) / 1000,
      phases: each.phases === undefined ? undefined : phasesOf(phaseMicros(each.phases)),
      evidence: undefined,
    })),
  };
}

const micros = (ms: number): number => Math.min(MOST_MICROS, Math.max(0, Math.round(ms * 1000))) || 0;

type Phases = NonNullable<EndpointResult["phases"]>;

const phaseMicros = ({ dnsMs, connectMs, tlsMs, firstByteMs, transferMs }: Phases): readonly number[] =>
  [dnsMs, connectMs, tlsMs, firstByteMs, transferMs].map(micros);

function phasesOf(values: readonly number[]): Phases {
  const [dnsMs = 0, connectMs = 0, tlsMs = 0, firstByteMs = 0, transferMs = 0] = values.map((value) => value / 1000);
  return { dnsMs, connectMs, tlsMs, firstByteMs, transferMs };
}

const ON_DEMAND = 1;
const MISSED = 2;

function writeRound(out: ByteWriter, result: CheckResult, stepMs: number, texts: Texts): void {
  const { slotMs, startedAtMs, missedSlots, missedUntilMs } = result;
  const missed = missedSlots !== 0 || missedUntilMs !== 0;
  out.varint(texts.place(result.monitorId));
  out.varint(texts.place(result.region));
  out.varint(zigzag(stepMs));
  out.byte(verdictCode(result.verdict));
  out.varint(micros(result.durationMs));
  out.varint(texts.place(result.reason));
  out.byte((result.onDemand ? ON_DEMAND : 0) + (missed ? MISSED : 0));
  if (missed) {
    out.varint(missedSlots);
    out.varint(zigzag(missedUntilMs === 0 ? 0 : shift(missedUntilMs - slotMs)));
  }
  out.varint(texts.place(result.prober));
  out.varint(zigzag(startedAtMs === 0 ? 0 : shift(startedAtMs - slotMs)));
  out.varint(result.monitorVersion);
  out.varint(result.endpoints.length);
  for (const endpoint of result.endpoints) writeEndpoint(out, endpoint, texts);
}

function writeEndpoint(out: ByteWriter, endpoint: EndpointResult, texts: Texts): void {
  out.varint(texts.place(endpoint.url));
  // With the verdict, whether there are phases.
  out.byte(verdictCode(endpoint.verdict) * 2 + (endpoint.phases === undefined ? 0 : 1));
  out.varint(texts.place(endpoint.reason));
  out.varint(endpoint.status);
  out.varint(micros(endpoint.durationMs));
  if (endpoint.phases !== undefined) for (const value of phaseMicros(endpoint.phases)) out.varint(value);
}

interface Head extends RoundHead {
  readonly onDemand: boolean;
  readonly missedUntilMs: number;
  readonly prober: string;
}

interface Row {
  readonly head: Head;
  /** At what follows the head. */
  readonly from: ByteReader;
  readonly texts: readonly string[];
}

function* rowsOf(bytes: Uint8Array): Generator<Row> {
  const from = new ByteReader(bodyOf(bytes));
  const count = from.varint();
  const texts = readTexts(from);
  let slotMs = 0;
  for (let row = 0; row < count; row += 1) {
    const end = from.varint() + from.at;
    const head = readHead(from, slotMs, texts);
    slotMs = head.slotMs;
    yield { head, from, texts };
    from.moveTo(end);
  }
}

function bodyOf(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== ROUNDS_IN_ORDER) throw new RangeError(`a segment of version ${bytes[0]}, which is not known here`);
  try {
    return zstdDecompressSync(bytes.subarray(1), { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw new RangeError("a segment that cannot be decompressed", { cause: error });
  }
}

function readHead(from: ByteReader, beforeMs: number, texts: readonly string[]): Head {
  const monitorId = textAt(texts, from.varint());
  const region = textAt(texts, from.varint());
  const slotMs = beforeMs + unzigzag(from.varint());
  const verdict = verdictAt(from.byte());
  const durationMs = from.varint() / 1000;
  const reason = textAt(texts, from.varint());
  const flags = from.byte();
  const missed = flags >= MISSED;
  const missedSlots = missed ? from.varint() : 0;
  const until = missed ? unzigzag(from.varint()) : 0;
  const missedUntilMs = until === 0 ? 0 : slotMs + unshift(until);
  const onDemand = flags % 2 === ON_DEMAND;
  const prober = textAt(texts, from.varint());
  const start = unzigzag(from.varint());
  const startedAtMs = start === 0 ? 0 : slotMs + unshift(start);
  const seen = { monitorId, region, slotMs, verdict, durationMs, reason, startedAtMs };
  return { ...seen, missedSlots, missedUntilMs, onDemand, prober };
}

function readRest(head: Head, from: ByteReader, texts: readonly string[]): CheckResult {
  const monitorVersion = from.varint();
  const endpoints: EndpointResult[] = [];
  for (let left = from.varint(); left > 0; left -= 1) endpoints.push(readEndpoint(from, texts));
  return { ...head, monitorVersion, endpoints, requestId: "", traceparent: "" };
}

function readEndpoint(from: ByteReader, texts: readonly string[]): EndpointResult {
  const url = textAt(texts, from.varint());
  const code = from.byte();
  const reason = textAt(texts, from.varint());
  const status = from.varint();
  const durationMs = from.varint() / 1000;
  const phases = code % 2 === 1 ? phasesOf([0, 1, 2, 3, 4].map(() => from.varint())) : undefined;
  return { url, verdict: verdictAt(Math.floor(code / 2)), reason, status, durationMs, phases, evidence: undefined };
}

/** Each row: slot, duration, then monitor, region, verdict, reason and result, each after its length. */
function formerRows(bytes: Uint8Array): CheckResult[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: CheckResult[] = [];
  for (let at = 1; at < bytes.length;) {
    const slotMs = Number(view.getBigInt64(at));
    const durationMs = view.getFloat64(at + 8);
    at += 16;
    const values = [0, 1, 2, 3, 4].map(() => {
      const from = at + 4;
      at = from + view.getUint32(at);
      if (at > bytes.length) throw new RangeError("the bytes end too early");
      return bytes.subarray(from, at);
    });
    const [monitorId = "", region = "", verdict = "", reason = ""] = values.map((each) => Buffer.from(each).toString());
    const result = CheckResult.decode(values[4] ?? new Uint8Array());
    found.push(asHot({ ...result, monitorId, region, slotMs, verdict: verdictFromJSON(verdict), durationMs, reason }));
  }
  return found;
}
