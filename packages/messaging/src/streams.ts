import { STREAM_CHECKS, STREAM_COMMANDS, STREAM_EVENTS, STREAM_WATERMARKS } from "@sentinel/contracts";
import type { Bus, StreamConfig } from "./bus.ts";

const HOUR_MS = 3_600_000;

/** The streams between the services, the same for all of them. */
const SENTINEL_STREAMS: readonly StreamConfig[] = [
  {
    name: STREAM_CHECKS,
    subjects: ["chk.v1.>"],
    retention: "log",
    maxAgeMs: 48 * HOUR_MS,
    maxBytes: 1_000_000_000,
    duplicateWindowMs: 10 * 60_000,
  },
  { name: STREAM_WATERMARKS, subjects: ["wm.v1.>"], retention: "latest", maxBytes: 16_000_000 },
  { name: STREAM_COMMANDS, subjects: ["cmd.>"], retention: "work", maxAgeMs: 24 * HOUR_MS, maxBytes: 100_000_000 },
  { name: STREAM_EVENTS, subjects: ["evt.v1.>"], retention: "log", maxAgeMs: 48 * HOUR_MS, maxBytes: 500_000_000 },
];

/** Makes what is missing; every service calls it, in any order. */
export async function ensureStreams(bus: Bus): Promise<void> {
  for (const stream of SENTINEL_STREAMS) await bus.ensureStream(stream);
}
