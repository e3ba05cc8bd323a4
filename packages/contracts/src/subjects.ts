import { hash } from "node:crypto";

/** Streams and subjects on the bus. The partition is part of the subject, so that any server version can filter. */
export const PARTITIONS = 64;

export const STREAM_CHECKS = "SENTINEL_CHECKS";
export const STREAM_WATERMARKS = "SENTINEL_WATERMARKS";
export const STREAM_COMMANDS = "SENTINEL_COMMANDS";
export const STREAM_EVENTS = "SENTINEL_EVENTS";

/** The partition of a monitor or of an event stream: the first four bytes of its SHA-256, modulo 64. */
export function partitionOf(key: string): number {
  return hash("sha256", key, "buffer").readUInt32BE(0) % PARTITIONS;
}

export const subjects = {
  check: (monitorId: string, region: string): string => `chk.v1.${partitionOf(monitorId)}.${monitorId}.${region}`,
  watermark: (part: number): string => `wm.v1.${part}`,
  runRepair: (monitorId: string): string => `cmd.repair.v1.${partitionOf(monitorId)}.${monitorId}`,
  checkNow: (monitorId: string): string => `cmd.check.v1.${partitionOf(monitorId)}.${monitorId}`,
  event: (part: number, stream: string): string => `evt.v1.${part}.${stream}`,
} as const;

/** The partition written in a subject of this family. */
export function partitionInSubject(subject: string): number {
  return Number(subject.split(".")[2]);
}
