import { hash } from "node:crypto";

/** Streams and subjects on the bus. The partition is part of the subject, so that any server version can filter. */
export const PARTITIONS = 64;

export const STREAM_CHECKS = "SENTINEL_CHECKS";
export const STREAM_WATERMARKS = "SENTINEL_WATERMARKS";
export const STREAM_COMMANDS = "SENTINEL_COMMANDS";
export const STREAM_PROBERS = "SENTINEL_PROBERS";
export const STREAM_EVENTS = "SENTINEL_EVENTS";

/** Partitions asked for before: the same few thousand keys are asked for with every check. */
const known = new Map<string, number>();
const MOST_KNOWN = 20_000;

/** The partition of a monitor or of an event stream: the first four bytes of its SHA-256, modulo 64. */
export function partitionOf(key: string): number {
  const found = known.get(key);
  if (found !== undefined) return found;
  const part = hash("sha256", key, "buffer").readUInt32BE(0) % PARTITIONS;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, part);
  return part;
}

export const subjects = {
  check: (monitorId: string, region: string): string => `chk.v1.${partitionOf(monitorId)}.${monitorId}.${region}`,
  /** A name may hold what means something on the bus. */
  prober: (region: string, name: string): string => `prober.v1.${region}.${Buffer.from(name).toString("base64url")}`,
  watermark: (part: number): string => `wm.v1.${part}`,
  runRepair: (monitorId: string): string => `cmd.repair.v1.${partitionOf(monitorId)}.${monitorId}`,
  checkNow: (monitorId: string): string => `cmd.check.v1.${partitionOf(monitorId)}.${monitorId}`,
  event: (part: number, stream: string): string => `evt.v1.${part}.${stream}`,
} as const;

/** The partition written in a subject of this family. */
export function partitionInSubject(subject: string): number {
  const from = subject.indexOf(".", subject.indexOf(".") + 1) + 1;
  const to = subject.indexOf(".", from);
  return from > 1 ? Number(subject.slice(from, to < 0 ? undefined : to)) : Number.NaN;
}
