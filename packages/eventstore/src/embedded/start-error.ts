import { SentinelError } from "@sentinel/contracts/errors";
import { errorCode } from "../error-code.ts";

/** The error family's name for what the file system refused. */
export function folderError(thrown: unknown, dir: string): unknown {
  if (thrown instanceof SentinelError) return thrown;
  const code = errorCode(thrown);
  if (code === "ENOSPC" || code === "EDQUOT") return new SentinelError("disk_full", { dir }, { cause: thrown });
  if (!["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"].includes(code)) return thrown;
  return new SentinelError("data_dir_not_writable", { dir, reason: code }, { cause: thrown });
}

/** What PostgreSQL's last words mean. */
export function startError(lines: readonly string[], dir: string): SentinelError {
  const said = lines.join("\n");
  if (/No space left on device|Disk quota exceeded/.test(said)) return new SentinelError("disk_full", { dir });
  const last = lines.findLast((line) => /^(FATAL|PANIC|initdb: error):/.test(line)) ?? lines.at(-1);
  const reason = (last ?? "nothing").replace(/^(FATAL|PANIC|initdb: error):\s*/, "");
  return new SentinelError("postgres_start_failed", { reason });
}
