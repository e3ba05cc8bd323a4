import { SentinelError } from "@sentinel/contracts/errors";

const NAME = "SENTINEL_SPOOL_MAX_BYTES";
const DEFAULT_BYTES = 256_000_000;
const LEAST_BYTES = 8_000_000;

/**
 * How much the prober's spool may take on disk.
 * @throws SentinelError `environment_invalid` {name, value, expected}
 */
export function readSpoolMaxBytes(variables: Readonly<Record<string, string | undefined>>): number {
  const value = variables[NAME] ?? "";
  if (value === "") return DEFAULT_BYTES;
  const bytes = /^\d{1,15}$/.test(value) ? Number(value) : 0;
  if (bytes >= LEAST_BYTES) return bytes;
  throw new SentinelError("environment_invalid", { name: NAME, value, expected: `≥ ${LEAST_BYTES}` });
}
