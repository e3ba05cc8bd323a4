import { ByteReader, ByteWriter } from "./columns.ts";

const VERSION = 1;
/** Buckets per doubling: the widest is 1/32 of its lower edge, so its middle is at most 1/64 away. */
const STEPS = 32;
/** Whole microseconds below this have a bucket each. */
const EXACT = STEPS * 2;

/** How far a percentile may be from the sample it stands for, as a part of that sample. */
export const RELATIVE_ERROR = 1 / (2 * STEPS);

/** How many samples fell into each bucket, by number of the bucket. Two add up to what both have seen. */
export type Histogram = ReadonlyMap<number, number>;

/** The bucket of a duration in milliseconds; log-linear: each doubling has the same number of buckets of one width. */
function bucketOf(ms: number): number {
  const micros = Math.max(0, Math.round(ms * 1000));
  if (micros < EXACT) return micros;
  const doublings = Math.floor(Math.log2(micros / STEPS));
  // log2 may err by one at the very edge.
  const exponent = 2 ** doublings * STEPS > micros ? doublings - 1 : doublings;
  return exponent * STEPS + Math.floor(micros / 2 ** exponent);
}

/** The middle of a bucket, in milliseconds. */
function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket / 1000;
  const exponent = Math.floor(bucket / STEPS) - 1;
  const lower = (bucket - exponent * STEPS) * 2 ** exponent;
  return (lower + (2 ** exponent - 1) / 2) / 1000;
}

export function histogramOf(durationsMs: Iterable<number>): Histogram {
  const counts = new Map<number, number>();
  for (const ms of durationsMs) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1);
  return counts;
}

export function mergeHistograms(histograms: Iterable<Histogram>): Histogram {
  const counts = new Map<number, number>();
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  return counts;
}

export const samplesIn = (histogram: Histogram): number => [...histogram.values()].reduce((a, b) => a + b, 0);

/**
 * The sample below or at which `p` per cent of the samples lie, in milliseconds, within `RELATIVE_ERROR` of it (and half
 * a microsecond); undefined when there is none.
 */
export function percentileOf(histogram: Histogram, p: number): number | undefined {
  const total = samplesIn(histogram);
  if (total === 0) return undefined;
  const rank = Math.min(total, Math.max(1, Math.ceil((p / 100) * total)));
  let seen = 0;
  for (const [bucket, count] of [...histogram].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= rank) return middleOf(bucket);
  }
  return undefined;
}

/** Only buckets that have samples: the distance to the one before, then the count. */
export function encodeHistogram(histogram: Histogram): Uint8Array {
  const out = new ByteWriter();
  out.byte(VERSION);
  let before = 0;
  for (const [bucket, count] of [...histogram].sort(([a], [b]) => a - b)) {
    out.varint(bucket - before);
    out.varint(count);
    before = bucket;
  }
  return out.done();
}

/** @throws RangeError when the bytes are damaged or of a version that is not known */
export function decodeHistogram(bytes: Uint8Array): Histogram {
  const from = new ByteReader(bytes);
  const version = from.byte();
  if (version !== VERSION) throw new RangeError(`a histogram of version ${version}, which is not known here`);
  const counts = new Map<number, number>();
  for (let bucket = 0; !from.ended;) {
    bucket += from.varint();
    counts.set(bucket, from.varint());
  }
  return counts;
}
