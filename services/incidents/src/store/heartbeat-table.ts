import type { HeartbeatState } from "@sentinel/contracts";

/** Tokens of monitors that wait to be called, and what each has heard. */
export interface HeartbeatTable {
  /** The token of this owner; `fresh` becomes it where there is none. */
  token(owner: string, fresh: string): Promise<string>;
  /** Who has this token. */
  ownerOf(token: string): Promise<string | undefined>;
  /** As it is now; whoever calls at the same time waits for the end of this transaction. */
  lock(monitorId: string): Promise<HeartbeatState | undefined>;
  /** The state after its newest ping. Older ones than `keep` before it are forgotten. */
  save(monitorId: string, state: HeartbeatState, keep: number): Promise<void>;
  /** As it was after a ping, or is now where `seq` is 0 or forgotten. */
  at(monitorId: string, seq: number): Promise<HeartbeatState | undefined>;
  /** Forgets what monitors that are gone have heard, and their tokens. */
  forget(monitorIds: readonly string[]): Promise<void>;
}
