/** Bytes being written: varints, texts and columns of whole numbers. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A whole number from 0 to 2^53 − 1, seven bits a byte, the lowest first. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  text(value: string): void {
    this.blob(Buffer.from(value, "utf8"));
  }

  blob(value: Uint8Array): void {
    this.varint(value.length);
    for (const each of value) this.byte(each);
  }

  /** Empties it, to be used again with the room it has. */
  clear(): void {
    this.#length = 0;
  }

  append(other: ByteWriter): void {
    this.blob(other.view());
  }

  /** What was written, until more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what a `ByteWriter` wrote. @throws RangeError when the bytes end too early */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError("the bytes end too early");
    this.#at += 1;
    return value;
  }

  varint(): number {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = this.byte();
      value += (byte % 128) * weight;
      if (byte < 128) return value;
    }
  }

  text(): string {
    return Buffer.from(this.blob(this.varint())).toString("utf8");
  }

  get at(): number {
    return this.#at;
  }

  /** @throws RangeError when there is no such place */
  moveTo(place: number): void {
    if (place < this.#at || place > this.#bytes.length) throw new RangeError("the bytes end too early");
    this.#at = place;
  }

  /** @throws RangeError when the bytes end before */
  blob(length: number): Uint8Array {
    const from = this.#at;
    this.moveTo(from + length);
    return this.#bytes.subarray(from, this.#at);
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }
}

/** Signed to unsigned, so that small numbers of either sign stay small. */
export const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
export const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

const RUNS = 0;
const OFFSETS = 1;

/**
 * Whole numbers below 2^51 either side of zero, in the shorter of two ways: runs of equal values (verdicts, codes), or
 * distances from the smallest (measurements).
 */
export function writeColumn(out: ByteWriter, values: readonly number[]): void {
  if (values.length === 0) return;
  const runs = new ByteWriter();
  writeRuns(runs, values);
  const offsets = new ByteWriter();
  const least = values.reduce((a, b) => Math.min(a, b));
  offsets.varint(zigzag(least));
  for (const value of values) offsets.varint(value - least);
  const [mode, column] = runs.length < offsets.length ? [RUNS, runs] : [OFFSETS, offsets];
  out.byte(mode);
  for (const byte of column.done()) out.byte(byte);
}

function writeRuns(out: ByteWriter, values: readonly number[]): void {
  for (let from = 0; from < values.length;) {
    const value = values[from] ?? 0;
    let to = from + 1;
    while (to < values.length && values[to] === value) to += 1;
    out.varint(zigzag(value));
    out.varint(to - from);
    from = to;
  }
}

/** @throws RangeError when these are not the bytes of a column of that many values */
export function readColumn(from: ByteReader, count: number): number[] {
  if (count === 0) return [];
  const mode = from.byte();
  if (mode === RUNS) return readRuns(from, count);
  if (mode !== OFFSETS) throw new RangeError(`unknown kind of column: ${mode}`);
  const least = unzigzag(from.varint());
  return Array.from({ length: count }, () => least + from.varint());
}

function readRuns(from: ByteReader, count: number): number[] {
  const values: number[] = [];
  while (values.length < count) {
    const value = unzigzag(from.varint());
    const length = from.varint();
    if (length === 0 || values.length + length > count) throw new RangeError("a run that does not fit");
    for (let n = 0; n < length; n += 1) values.push(value);
  }
  return values;
}

/** Instants: the difference between each step and the step before, nothing while the rhythm holds. */
export function writeInstants(out: ByteWriter, values: readonly number[]): void {
  const steps = values.map((value, index) => (index === 0 ? value : value - (values[index - 1] ?? 0)));
  out.varint(zigzag(steps[0] ?? 0));
  writeColumn(
    out,
    steps.slice(1).map((step, index) => (index === 0 ? step : step - (steps[index] ?? 0))),
  );
}

export function readInstants(from: ByteReader, count: number): number[] {
  let value = unzigzag(from.varint());
  let step = 0;
  const values = [value];
  for (const change of readColumn(from, count - 1)) {
    step += change;
    value += step;
    values.push(value);
  }
  return values;
}
