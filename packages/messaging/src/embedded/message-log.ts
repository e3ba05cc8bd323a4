import type { Message } from "../bus.ts";

interface Entry {
  readonly message: Message;
  readonly bytes: number;
  readonly atMs: number;
  removed: boolean;
}

/** What a message costs besides its data. */
const OVERHEAD_BYTES = 200;

/** The messages of a stream in the order of their sequences, which have holes where messages were removed. */
export class MessageLog {
  #entries: Entry[] = [];
  /** Index of the first entry that may be there; the ones before it were removed. */
  #head = 0;
  #removed = 0;
  #bytes = 0;
  #lastSeq = 0;

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Of the first message kept; one past the last sequence when there is none. */
  get firstSeq(): number {
    return this.first()?.message.seq ?? this.#lastSeq + 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(message: Message, atMs: number): void {
    const bytes = message.data.length + message.subject.length + OVERHEAD_BYTES;
    this.#entries.push({ message, bytes, atMs, removed: false });
    this.#bytes += bytes;
    this.#lastSeq = message.seq;
  }

  first(): { readonly message: Message; readonly atMs: number } | undefined {
    while (this.#entries[this.#head]?.removed === true) this.#head += 1;
    return this.#entries[this.#head];
  }

  /** The first message kept whose sequence is greater. */
  after(seq: number): Message | undefined {
    let index = this.#indexAfter(seq);
    while (this.#entries[index]?.removed === true) index += 1;
    return this.#entries[index]?.message;
  }

  get(seq: number): Message | undefined {
    const entry = this.#entries[this.#indexAfter(seq - 1)];
    return entry?.message.seq === seq && !entry.removed ? entry.message : undefined;
  }

  remove(seq: number): void {
    const entry = this.#entries[this.#indexAfter(seq - 1)];
    if (entry === undefined || entry.message.seq !== seq || entry.removed) return;
    entry.removed = true;
    this.#bytes -= entry.bytes;
    this.#removed += 1;
    if (this.#removed > 1000 && this.#removed > this.#entries.length / 2) this.#compact();
  }

  #compact(): void {
    this.#entries = this.#entries.filter((entry) => !entry.removed);
    this.#head = 0;
    this.#removed = 0;
  }

  /** Index of the first entry with a greater sequence, removed or not: a binary search, quick at both ends. */
  #indexAfter(seq: number): number {
    if (seq >= this.#lastSeq) return this.#entries.length;
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.message.seq ?? 0) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
