import { SentinelError } from "@sentinel/contracts/errors";
import { errorCode } from "../error-code.ts";

const BY_SQLSTATE: Readonly<Record<string, string>> = {
  "28P01": "database_login_refused",
  "28000": "database_login_refused",
  "3D000": "database_missing",
  "57014": "database_timeout",
  "55P03": "database_timeout",
  "40P01": "database_conflict",
  "40001": "database_conflict",
  "53100": "disk_full",
};

/** Starting up, shutting down, too many connections, or the connection went away. */
const UNREACHABLE = new Set([
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
]);

/**
 * A fault of the database as one of the error family; anything else comes back as it was thrown.
 * @param where Host and port, for the sentence.
 */
export function databaseError(thrown: unknown, where: string): unknown {
  if (thrown instanceof SentinelError) return thrown;
  const sqlState = errorCode(thrown);
  const code = BY_SQLSTATE[sqlState];
  if (code !== undefined) return new SentinelError(code, { host: where, dir: where }, { cause: thrown });
  if (!UNREACHABLE.has(sqlState) && !sqlState.startsWith("08")) return thrown;
  return new SentinelError("database_unreachable", { host: where, reason: sqlState }, { cause: thrown });
}
