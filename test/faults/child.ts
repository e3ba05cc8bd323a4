import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const main = join(import.meta.dirname, "../../cli/src/main.ts");

/** A process of ours, as a person would start it. */
export interface Child {
  readonly pid: number;
  /** What it wrote, the end of it. */
  output(): string;
  running(): boolean;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  signal(signal: NodeJS.Signals): void;
}

/** Starts `sentinel` with these words; it ends with this process at the latest. */
export function startSentinel(words: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = exitOf(child).finally(() => process.removeListener("exit", kill));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    running: () => child.exitCode === null && child.signalCode === null,
    exited,
    signal: (signal) => void child.kill(signal),
  };
}

const exitOf = (child: ChildProcess): Child["exited"] =>
  new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));

/** Kills it at once, and resolves when it is gone. */
export async function killChild(child: Child): Promise<void> {
  child.signal("SIGKILL");
  await child.exited;
}
