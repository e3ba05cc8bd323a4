import type { OnReadOpts } from "node:net";

/** One read at a time: whoever takes it copies what it keeps. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

/** Takes bytes as they are read, in memory that the next read overwrites. */
type Taker = (size: number, shared: Buffer) => void;

/** What comes over one connection, without a stream in between: that costs more than the rest of a plain check. */
export interface Wire {
  readonly onread: OnReadOpts;
  /** From now on, and what came before. */
  take(taker: Taker): void;
}

export function createWire(): Wire {
  let early: Buffer[] | undefined;
  let taker: Taker = (size, shared) => void (early ??= []).push(Buffer.from(shared.subarray(0, size)));
  return {
    onread: {
      buffer: SHARED,
      callback: (size) => {
        taker(size, SHARED);
        return true;
      },
    },
    take: (next) => {
      taker = next;
      const before = early ?? [];
      early = undefined;
      for (const chunk of before) taker(chunk.length, chunk);
    },
  };
}
