import { SentinelError } from "@sentinel/contracts/errors";
import type { NewEvent } from "./store.ts";

const NUL = String.fromCharCode(0);

/**
 * Refuses what PostgreSQL could not give back as it was, before anything is written.
 * @throws SentinelError `event_malformed` {eventId, field, problem}
 */
export function checkEvent(stream: string, event: NewEvent): void {
  const refuse = (field: string, problem: string): never => {
    throw new SentinelError("event_malformed", { eventId: event.id, field, problem });
  };
  const refuseText = (field: string, value: string): void => {
    const problem = unstorable(value);
    if (problem !== undefined) refuse(field, problem);
  };
  const texts: readonly (readonly [string, string])[] = [
    ["stream", stream],
    ["id", event.id],
    ["type", event.type],
  ];
  for (const [field, value] of texts) {
    if (value === "") refuse(field, "empty");
    refuseText(field, value);
  }
  for (const [key, value] of Object.entries(event.metadata)) {
    refuseText("metadata", key);
    refuseText(`metadata.${key}`, value);
  }
  if (!Number.isSafeInteger(event.schemaVersion) || event.schemaVersion < 1 || event.schemaVersion > 0x7fff) {
    refuse("schemaVersion", String(event.schemaVersion));
  }
  if (!Number.isSafeInteger(event.atMs)) refuse("atMs", String(event.atMs));
}

/** PostgreSQL's text has no NUL, and half of a surrogate pair would come back as another character. */
function unstorable(text: string): string | undefined {
  if (text.includes(NUL)) return "U+0000";
  return text.isWellFormed() ? undefined : "U+D800–U+DFFF";
}
