import { PARTITIONS } from "@sentinel/contracts";
import postgres from "postgres";
import { createHintBoard } from "../hint-board.ts";
import type { AppendAnnouncer } from "../subscribe.ts";
import { databaseError } from "./database-error.ts";

const CHANNEL = "sentinel_events";

export interface PostgresHints extends AppendAnnouncer {
  close(): Promise<void>;
}

/**
 * Hints between processes by LISTEN and NOTIFY, on two connections of their own, reopened when lost. Announced after
 * the commit and not within it, because a NOTIFY makes all commits of the server wait for each other's disk.
 * @throws SentinelError `database_*` when the server cannot be reached at the start
 */
export async function openPostgresHints(url: string): Promise<PostgresHints> {
  const options = { onnotice: () => undefined, connection: { application_name: "sentinel hints" } };
  const listener = postgres(url, { ...options, max: 1 });
  const speaker = postgres(url, { ...options, max: 1, fetch_types: false });
  const board = createHintBoard();
  const close = async (): Promise<void> => {
    await Promise.all([listener.end({ timeout: 1 }), speaker.end({ timeout: 1 })]);
  };
  try {
    await listener.listen(
      CHANNEL,
      (payload) => board.announce(readParts(payload)),
      // Also after each new connection: what was said in between was heard by nobody.
      () => board.tellAll(),
    );
  } catch (thrown) {
    await close();
    throw databaseError(thrown, new URL(url).host);
  }
  const waiting = new Set<number>();
  let speaking = false;
  /** One statement at a time; what is announced meanwhile goes together with the next one. */
  const speak = async (): Promise<void> => {
    speaking = true;
    while (waiting.size > 0) {
      const payload = [...waiting].join(" ");
      waiting.clear();
      await speaker.notify(CHANNEL, payload).catch(() => undefined);
    }
    speaking = false;
  };
  const announce = (parts: readonly number[]): void => {
    for (const part of parts) waiting.add(part);
    if (!speaking) void speak();
  };
  return { next: (part, timeoutMs, signal) => board.next(part, timeoutMs, signal), announce, close };
}

function readParts(payload: string): readonly number[] {
  return payload
    .split(" ")
    .map(Number)
    .filter((part) => Number.isInteger(part) && part >= 0 && part < PARTITIONS);
}
