import { hash } from "node:crypto";

const BYTES = 8;

/** Tells the content of a message from any other: 16 hexadecimal digits. */
export const fingerprintOf = (data: Uint8Array): string => hash("sha256", data, "hex").slice(0, 2 * BYTES);

export const packFingerprints = (prints: readonly string[]): Uint8Array =>
  new Uint8Array(Buffer.from(prints.join(""), "hex"));

export function unpackFingerprints(packed: Uint8Array): readonly string[] {
  const hex = Buffer.from(packed).toString("hex");
  return Array.from({ length: Math.floor(packed.length / BYTES) }, (_, index) =>
    hex.slice(index * 2 * BYTES, (index + 1) * 2 * BYTES),
  );
}
