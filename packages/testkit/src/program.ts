import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FOLDERS = ["/usr/local/bin", "/usr/bin", "/usr/sbin", "/usr/local/sbin"];

/** Path of a program of the system, or undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Path of a program that must be there. @throws Error where it is not installed */
export function pathOf(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

const FIRST_PORT = 16_000;
const PORTS = 16_000;

/**
 * A port of loopback on which nothing listened a moment ago, for programs that cannot choose one themselves. It is below
 * those that the system gives to outgoing connections, any of which could take it before the program does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen({ host: "127.0.0.1", port, exclusive: true }, () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

export interface Program {
  readonly folder: string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts a program in a temporary folder, prepared first where asked; resolves when its output matches.
 * @throws Error with its last lines when it ends before that.
 */
export async function startProgram(
  path: string,
  args: readonly string[] | ((folder: string) => readonly string[]),
  ready: RegExp,
  prepare: (folder: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-program-"));
  await prepare(folder);
  const given = typeof args === "function" ? args(folder) : args;
  const child = spawn(path, [...given], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  // A test process that is ended early leaves no program behind.
  const killed = (): void => void child.kill("SIGKILL");
  process.once("exit", killed);
  child.once("exit", () => process.removeListener("exit", killed));
  const stop = (): Promise<void> => end(child, folder);
  try {
    await said(child, ready);
    return { folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function said(child: ChildProcess, ready: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (chunk: Buffer): void => {
      text = `${text}${chunk.toString()}`.slice(-10_000);
      if (ready.test(text)) resolve();
    };
    child.stdout?.on("data", onData);
    child.stderr?.on("data", onData);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${child.spawnfile} did not start:\n${text.slice(-1000)}`)));
  });
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  await rm(folder, { recursive: true, force: true });
}
