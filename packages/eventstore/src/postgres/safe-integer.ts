import { SentinelError } from "@sentinel/contracts/errors";

/** @throws SentinelError `integer_too_large` {value} when the number would lose digits. */
export function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new SentinelError("integer_too_large", { value: text });
  return value;
}
