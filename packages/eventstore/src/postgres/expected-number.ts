import type { Expected } from "../store.ts";

/** As the server's functions take it: a version, -1 for any, -2 for some. */
export function expectedNumber(expected: Expected): number {
  switch (expected) {
    case "any":
      return -1;
    case "exists":
      return -2;
    case "none":
      return 0;
    default:
      // What is no version meets none.
      return Number.isSafeInteger(expected) && expected >= 0 ? expected : Number.MAX_SAFE_INTEGER;
  }
}
