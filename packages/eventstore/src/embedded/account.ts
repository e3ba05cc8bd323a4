import { execFile } from "node:child_process";
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { SentinelError } from "@sentinel/contracts/errors";

const run = promisify(execFile);

/** Where root keeps what the database account must reach when the data folder is out of its reach. */
export const SHARED_STATE_DIR = "/var/lib/sentinel";

/** PostgreSQL refuses to run as root; this is who it runs as instead. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account to run PostgreSQL as: undefined for oneself, else the system account "postgres", made when missing.
 * @throws SentinelError `postgres_start_failed` {reason}
 */
export async function databaseAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = await lookUp();
  if (found !== undefined) return found;
  try {
    await run("groupadd", ["--system", "--force", "postgres"]);
    await run("useradd", ["--system", "--gid", "postgres", "--no-create-home", "--shell", "/bin/false", "postgres"]);
  } catch (cause) {
    const reason = 'root cannot run it and the account "postgres" could not be made (useradd)';
    throw new SentinelError("postgres_start_failed", { reason }, { cause });
  }
  const made = await lookUp();
  if (made !== undefined) return made;
  throw new SentinelError("postgres_start_failed", { reason: 'the account "postgres" does not exist' });
}

async function lookUp(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", "postgres"]), run("id", ["-g", "postgres"])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** Whether the account may pass through every folder down to this one, itself included. */
export async function canReach(folder: string, account: Account): Promise<boolean> {
  for (let path = await realpath(folder); ; path = dirname(path)) {
    const { uid, gid, mode } = await stat(path);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
