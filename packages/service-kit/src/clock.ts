/** Time as an argument. `now` may jump with the system clock; `monotonic` never goes back. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some fixed instant, with fractions. */
  monotonic(): number;
  /** Resolves after `ms`, at once when the signal ends (never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness as an argument. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** In [0, 1). */
  next(): number;
}
