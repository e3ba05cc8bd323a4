import { readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { SentinelError } from "@sentinel/contracts/errors";
import { isAlive, processesIn, sendSignal, until } from "./processes.ts";

/** The server's process id as it wrote it, or undefined. */
export async function postmasterPid(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(text.split("\n")[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/**
 * Ends a server that a killed process left on this data folder, first as fast shutdown, then at once (the next start
 * recovers from its log). Processes elsewhere are never touched. The caller holds the folder's owner lock.
 * @throws SentinelError `postgres_start_failed` {reason}
 */
export async function endOrphans(data: string): Promise<void> {
  const folder = await realpath(data);
  const gone = async (): Promise<boolean> => (await processesIn(folder)).length === 0;
  const pid = await postmasterPid(data);
  if (pid !== undefined && (await processesIn(folder)).includes(pid)) sendSignal(pid, "SIGINT");
  if (!(await until(gone, 5000))) {
    for (const left of await processesIn(folder)) sendSignal(left, "SIGQUIT");
    if (!(await until(gone, 5000))) {
      const pids = (await processesIn(folder)).join(", ");
      throw new SentinelError("postgres_start_failed", { reason: `process ${pids} of an earlier start does not end` });
    }
  }
  // Its number may belong to another program by now, which PostgreSQL would take for a running server.
  if (pid !== undefined && process.platform === "linux" && isAlive(pid))
    await rm(join(data, "postmaster.pid"), { force: true });
}
