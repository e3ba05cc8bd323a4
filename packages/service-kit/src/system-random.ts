import { randomBytes } from "node:crypto";
import type { Random } from "./clock.ts";

/** Randomness fit for ids and tokens. */
export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  // 48 bits, as many as one read gives, divided by 2^48.
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};
