import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Account } from "./account.ts";

/** Who the process runs as, and which signal tells it to end. */
export interface GuardOptions {
  readonly account: Account | undefined;
  readonly endSignal: "INT" | "TERM";
  readonly onLine: (line: string) => void;
}

export interface GuardedProcess {
  /** Exit code; 128 and more when a signal ended it. */
  readonly exited: Promise<number>;
  /** Asks it to end, as our own death would. */
  end(): void;
}

/**
 * Runs the program and, should we die in any way, tells it to end: our end of its standard input closes with us.
 */
const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- & program=$!
{ read -r _ <&3; kill -"$END_SIGNAL" "$program"; } 2>/dev/null & watch=$!
exec 3<&-
wait "$program"; code=$?
kill "$watch" 2>/dev/null
exit "$code"
`;

/** Starts a program in its own session, so that the terminal's Ctrl-C reaches only us. */
export function startGuarded(program: string, args: readonly string[], options: GuardOptions): GuardedProcess {
  const child = spawn("/bin/sh", ["-c", GUARD, "sentinel-postgres", program, ...args], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC", END_SIGNAL: options.endSignal },
    ...options.account,
  });
  // The closed pipe of an ended program is no news: its exit is.
  child.stdin.on("error", () => undefined);
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", options.onLine);
  return { exited: exitOf(child), end: () => child.stdin.destroy() };
}

async function exitOf(child: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 128));
  });
}
