const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A sortable id: 48 bits of time and 80 random bits in Crockford base 32, lower case, as in the ULID text form.
 * @param bytes 10 random bytes.
 */
export function sortableId(prefix: string, atMs: number, bytes: Uint8Array): string {
  let time = "";
  for (let left = atMs, i = 0; i < 10; i += 1, left = Math.floor(left / 32)) time = (ALPHABET[left % 32] ?? "0") + time;
  let bits = 0n;
  for (const byte of bytes.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let random = "";
  for (let i = 0; i < 16; i += 1, bits >>= 5n) random = (ALPHABET[Number(bits & 31n)] ?? "0") + random;
  return `${prefix}_${time}${random}`;
}

const PING_KEY = /^check\.ping\.\w+\.(\d+)$/;

/** The request for the round that tells of a ping; it is repeated until that round is folded. */
export const pingRequestId = (monitorId: string, seq: number): string => `check.ping.${monitorId}.${seq}`;

/** The number of the ping that a round was asked for; 0 when it was asked for by something else. */
export const pingSeqOf = (requestId: string): number => Number(PING_KEY.exec(requestId)?.[1] ?? 0);
