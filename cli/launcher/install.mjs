import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canHaveNode } from "./node-binary.mjs";
import { startProgress } from "./progress.mjs";
import { forwardSignals } from "./run-to-end.mjs";
import { LaunchFailure, say } from "./say.mjs";

/** Without a network a person should not wait a minute to hear of it. */
const SOON = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000"];

/** Installs the packages unless exactly these are already installed. @throws LaunchFailure */
export async function ensureInstalled(root) {
  const wanted = fingerprint(root);
  if (isInstalled(root, wanted)) return;
  if (!canHaveNode()) throw new LaunchFailure(say("no_node", { platform: `${process.platform}-${process.arch}` }));
  // Without the stamp an interrupted installation is done again from the start.
  rmSync(stampFile(root), { force: true });
  const from = performance.now();
  const progress = startProgress(say("installing"));
  const { code, signal, stderr } = await install(root).finally(() => progress.stop());
  if (signal !== null) throw new LaunchFailure(say("interrupted"), signal === "SIGINT" ? 130 : 143);
  if (code !== 0) {
    const known = explain(stderr, root);
    if (known === undefined) process.stderr.write(withoutStack(stderr));
    throw new LaunchFailure(known ?? say("install_failed"));
  }
  markInstalled(root, wanted);
  process.stdout.write(`${say("installed", { seconds: String(Math.round((performance.now() - from) / 1000)) })}\n`);
}

/** What the installed packages depend on: the lock, and the machine they were chosen for. */
export function fingerprint(root, machine = `${process.platform}-${process.arch}`) {
  const file = hasLock(root) ? "package-lock.json" : "package.json";
  const hash = createHash("sha256")
    .update(readFileSync(join(root, file)))
    .digest("hex");
  return `${hash} ${machine}\n`;
}

export function isInstalled(root, wanted) {
  const file = stampFile(root);
  return existsSync(file) && readFileSync(file, "utf8") === wanted;
}

export function markInstalled(root, wanted) {
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(stampFile(root), wanted);
}

/** Why npm failed, as one sentence that says what to do; undefined where only npm's own words can tell. */
export function explain(stderr, root) {
  if (/\bENOSPC\b/.test(stderr)) return say("disk_full");
  if (/\b(EACCES|EPERM|EROFS)\b/.test(stderr)) return say("no_permission", { folder: root });
  if (/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/.test(stderr)) {
    return say("no_network");
  }
  return undefined;
}

const withoutStack = (text) => text.replace(/^npm error +at .*\n/gm, "");

const stampFile = (root) => join(root, "node_modules", ".sentinel-install");
const hasLock = (root) => existsSync(join(root, "package-lock.json"));

async function install(root) {
  if (!hasLock(root)) return runNpm(root, ["install"]);
  const exact = await runNpm(root, ["ci"]);
  // `npm ci` refuses a lock that lacks packages of other platforms; a start should not depend on those.
  return /\bEUSAGE\b/.test(exact.stderr) ? runNpm(root, ["install", "--no-save"]) : exact;
}

function runNpm(root, how) {
  const args = [...how, "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", ...SOON];
  // Under `npm start` this is the npm that the person called; else the one in PATH.
  const own = process.env.npm_execpath;
  const [program, ...before] = own?.endsWith(".js") ? [process.execPath, own] : ["npm"];
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...before, ...args], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
    const stop = forwardSignals(child);
    let interrupted = null;
    const note = (signal) => (interrupted = signal);
    process.once("SIGINT", note).once("SIGTERM", note);
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr = (stderr + chunk).slice(-20_000)));
    child.on("error", () => reject(new LaunchFailure(say("npm_missing"))));
    child.on("close", (code, signal) => {
      stop();
      process.off("SIGINT", note).off("SIGTERM", note);
      resolve({ code, signal: interrupted ?? signal, stderr });
    });
  });
}
