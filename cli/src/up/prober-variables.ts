import { SentinelError } from "@sentinel/contracts/errors";
import { CHECKS_PER_HOST, type FirstChecks } from "@sentinel/prober";

const FIRST = "SENTINEL_FIRST_CHECKS";
const PER_HOST = "SENTINEL_PER_HOST";

/** How a prober treats those it asks. */
export interface ProberVariables {
  /** SENTINEL_FIRST_CHECKS: at a start, each monitor is checked in its slot ("spread"), or all "at-once". */
  readonly firstChecks: FirstChecks;
  /** SENTINEL_PER_HOST: how many checks may ask one host at a time. */
  readonly perHost: number;
}

/** @throws SentinelError `environment_invalid` {name, value, expected} */
export function readProberVariables(variables: Readonly<Record<string, string | undefined>>): ProberVariables {
  return {
    firstChecks: readFirstChecks(variables[FIRST] || "spread"),
    perHost: readPerHost(variables[PER_HOST] || String(CHECKS_PER_HOST)),
  };
}

function readFirstChecks(value: string): FirstChecks {
  if (value === "spread" || value === "at-once") return value;
  throw new SentinelError("environment_invalid", { name: FIRST, value, expected: "spread, at-once" });
}

function readPerHost(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) > 0) return Number(value);
  throw new SentinelError("environment_invalid", { name: PER_HOST, value, expected: String(CHECKS_PER_HOST) });
}
