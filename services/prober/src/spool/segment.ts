import { crc32 } from "node:zlib";

const HEAD_BYTES = 8;

/** A record on disk: length, CRC-32 of the bytes, the bytes. */
export function frame(bytes: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(HEAD_BYTES + bytes.length);
  framed.writeUInt32LE(bytes.length, 0);
  framed.writeUInt32LE(crc32(bytes), 4);
  framed.set(bytes, HEAD_BYTES);
  return framed;
}

/** The whole records of a segment; a torn or damaged tail ends it, as after a crash in the middle of a write. */
export function* records(segment: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  for (let at = 0; at + HEAD_BYTES <= segment.length;) {
    const length = view.getUint32(at, true);
    const end = at + HEAD_BYTES + length;
    // Zeros are what a file system may leave after a crash; no record is empty.
    if (length === 0 || end > segment.length) return;
    const bytes = segment.subarray(at + HEAD_BYTES, end);
    if (crc32(bytes) !== view.getUint32(at + 4, true)) return;
    yield bytes;
    at = end;
  }
}
