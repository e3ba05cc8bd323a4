/** Names of gRPC's status codes, by number. */
export const STATUS_NAMES: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

const SERVING_STATUS: readonly string[] = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
const FRAME_HEAD_BYTES = 5;

/** One uncompressed frame of gRPC with a HealthCheckRequest, whose only field, 1, is the name of the service. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

export type HealthAnswer =
  | { readonly ok: true; readonly status: string }
  | { readonly ok: false; readonly problem: string };

const odd = (problem: string): HealthAnswer => ({ ok: false, problem });

/** Reads one frame with a HealthCheckResponse, whose only field, 1, is an enumeration; 0 where it is left out. */
export function readHealthResponse(body: Uint8Array): HealthAnswer {
  const frame = Buffer.from(body);
  if (frame.length < FRAME_HEAD_BYTES) return odd("no message");
  if (frame[0] !== 0) return odd("a compressed message");
  if (frame.readUInt32BE(1) !== frame.length - FRAME_HEAD_BYTES) return odd("a message of another length");
  return statusIn(frame.subarray(FRAME_HEAD_BYTES));
}

function statusIn(message: Buffer): HealthAnswer {
  let status = 0;
  let at = 0;
  while (at < message.length) {
    const tag = readVarint(message, at);
    const value = tag === undefined ? undefined : readVarint(message, tag.next);
    if (tag === undefined || value === undefined) return odd("a message that is cut");
    // Fields that a later version may add are passed over: numbers and texts, there being no others in use.
    const kind = tag.value & 7;
    if (kind !== 0 && kind !== 2) return odd("a message that is no HealthCheckResponse");
    if (tag.value === 8) status = value.value;
    at = value.next + (kind === 2 ? value.value : 0);
  }
  return at === message.length
    ? { ok: true, status: SERVING_STATUS[status] ?? `${status}` }
    : odd("a message that is cut");
}

function readVarint(from: Buffer, start: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let at = start; at < Math.min(from.length, start + 5); at += 1) {
    const byte = from[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return undefined;
}
