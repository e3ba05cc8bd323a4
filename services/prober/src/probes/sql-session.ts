import type { SqlCheck } from "@sentinel/contracts";
import type { Conversation, TlsSettings } from "@sentinel/egress";

/** What one query gave: at most as many rows as were asked for. */
export interface Rows {
  readonly columns: readonly string[];
  /** Values in the server's own text form. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** True when there were more. */
  readonly cut: boolean;
}

export interface SqlOptions {
  readonly check: SqlCheck;
  readonly host: string;
  readonly database: string;
  readonly password: string;
  readonly tls: TlsSettings | undefined;
}

/** Signs in over the conversation and runs the query in a transaction that can only read. */
export type RunQuery = (conversation: Conversation, options: SqlOptions) => Promise<Rows>;

/** Part of the time left after which the server itself stops the query, so that it can say so. */
const SERVER_SHARE = 0.9;

export const serverLimitMs = (conversation: Conversation): number =>
  Math.max(1, Math.floor(conversation.remainingMs() * SERVER_SHARE));

/** Words of a server without the values in them: data must not reach evidence. Names, which it quotes too, stay. */
export const withoutValues = (message: string): string => message.replace(/(["'`])(?:(?!\1).)*\1/g, "$1...$1");
