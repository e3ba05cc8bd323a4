import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findProgram, pathOf } from "../program.ts";
import type { HostileReport } from "./hostile-suite.ts";

/** Others than root need a user namespace besides, where the kernel gives those to everybody. */
const UNSHARE: readonly string[] = [
  ...(process.getuid?.() === 0 ? [] : ["--map-current-user", "--keep-caps"]),
  "--net",
  "--kill-child",
];

/** What a network of one's own and a witness of its packets need, and what of it is missing here; undefined for nothing. */
export function whyNoOwnNetwork(): string | undefined {
  const missing = ["unshare", "ip", "tcpdump"].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return `not installed: ${missing.join(", ")}`;
  try {
    execFileSync(pathOf("unshare"), [...UNSHARE, pathOf("ip"), "link", "set", "lo", "up"], { stdio: "pipe" });
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.message.split("\n")[1] ?? thrown.message) : String(thrown);
  }
}

/** Runs a file that writes the report of the hostile suite, in a network of its own. */
export async function runHostileScript(script: URL): Promise<HostileReport> {
  const report: HostileReport = JSON.parse(await runInOwnNetwork(script));
  return report;
}

/** Runs a TypeScript file in a network that only it can see. @throws Error with what it complained of when it fails */
function runInOwnNetwork(script: URL): Promise<string> {
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", fileURLToPath(script)];
  const child = spawn(pathOf("unshare"), [...UNSHARE, ...node], { stdio: ["ignore", "pipe", "pipe"] });
  const killed = (): void => void child.kill("SIGKILL");
  process.once("exit", killed);
  let said = "";
  let complained = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (complained += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      process.removeListener("exit", killed);
      if (code === 0) resolve(said);
      else reject(new Error(`${script.pathname} ended with ${code}:\n${complained.slice(-4000)}`));
    });
  });
}
