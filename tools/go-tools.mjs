// Pinned tools that are not on npm: built once by `go install` into a cache outside the repository.
// As a command it prints the path of the tool: node tools/go-tools.mjs nats-server
import { execFile } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** name → module to install, version, and what the machine can offer when it has no Go. */
const TOOLS = {
  "nats-server": { module: "github.com/nats-io/nats-server/v2", version: "2.14.5", debianPackage: "nats-server" },
  k6: { module: "go.k6.io/k6", version: "1.8.1" },
};

const GO_DOWNLOAD = "https://go.dev/dl/";
const INSTALL_LIMIT_MS = 20 * 60 * 1000;

function say(text) {
  process.stderr.write(`${text}\n`);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(base, "sentinel", "tools");
}

/** Where a command is, or undefined. */
function which(name, more = []) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...more].filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const done = (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      reject(
        new Error(
          String(stderr || error.message)
            .trim()
            .split("\n")
            .slice(-5)
            .join("\n"),
        ),
      );
    };
    execFile(command, args, { timeout: INSTALL_LIMIT_MS, maxBuffer: 16 * 1024 * 1024, ...options }, done);
  });
}

/** Fills a fresh folder by `fill`, then puts it in place in one step, so that a killed build leaves nothing half done. */
async function intoCache(folder, fill) {
  mkdirSync(cacheFolder(), { recursive: true });
  const fresh = mkdtempSync(join(cacheFolder(), "making-"));
  try {
    await fill(fresh);
    try {
      renameSync(fresh, folder);
    } catch (error) {
      // Somebody else was quicker: theirs is as good.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function buildByGo(go, name, { module, version }, folder) {
  say(`building ${name} ${version} with Go, once (a few minutes) …`);
  const began = process.hrtime.bigint();
  await intoCache(folder, async (fresh) => {
    const env = { ...process.env, GOBIN: fresh, GOFLAGS: "-trimpath" };
    const command = which("nice") === undefined ? [go] : ["nice", "-n", "5", go];
    await run(command[0], [...command.slice(1), "install", `${module}@v${version}`], { env, cwd: fresh });
  });
  say(`built ${name} ${version} in ${Number((process.hrtime.bigint() - began) / 1_000_000_000n)} s`);
}

/** Debian's package, unpacked into the cache and not installed: nothing starts, nothing on the machine changes. */
async function unpackDebian(name, folder) {
  say(`fetching Debian's package ${name} …`);
  await intoCache(folder, async (fresh) => {
    // As root apt would fetch as another user, who may not write here.
    const asRoot = process.getuid?.() === 0 ? ["-o", "APT::Sandbox::User=root"] : [];
    const fetch = () => run("apt-get", [...asRoot, "download", name], { cwd: fresh });
    try {
      await fetch();
    } catch (error) {
      if (process.getuid?.() !== 0) throw error;
      await run("apt-get", ["update"]);
      await fetch();
    }
    const file = readdirSync(fresh).find((entry) => entry.endsWith(".deb"));
    if (file === undefined) throw new Error(`apt-get download left no package of ${name}`);
    await run("dpkg-deb", ["-x", file, "."], { cwd: fresh });
  });
}

/**
 * Debian's build of a tool: the installed one, else its package unpacked into the cache.
 * @returns {Promise<string>} path of the executable; rejects with a sentence that says why there is none.
 */
export async function ensureDebianTool(name) {
  const installed = ["/usr/sbin", "/usr/bin"].map((folder) => join(folder, name)).find(isExecutable);
  if (installed !== undefined) return installed;
  const folder = join(cacheFolder(), `${name}-debian`);
  const places = ["usr/sbin", "usr/bin"].map((place) => join(folder, place, name));
  const cached = places.find(isExecutable);
  if (cached !== undefined) return cached;
  if (which("apt-get") === undefined || which("dpkg-deb") === undefined) {
    throw new Error(`Debian's ${name} is not on this machine, and there is no apt-get to fetch it.`);
  }
  try {
    await unpackDebian(name, folder);
  } catch (error) {
    throw new Error(`Debian's ${name} could not be fetched by apt-get: ${error.message}`, { cause: error });
  }
  const unpacked = places.find(isExecutable);
  if (unpacked === undefined) throw new Error(`Debian's package ${name} holds no executable of this name.`);
  return unpacked;
}

/**
 * The tool in its pinned version, built when it is not there yet.
 * @returns {Promise<string>} path of the executable; rejects with a sentence that says what to do.
 */
export async function ensurePinnedTool(name) {
  const tool = TOOLS[name];
  if (tool === undefined) throw new Error(`no such tool: ${name}; known are ${Object.keys(TOOLS).join(", ")}.`);
  const folder = join(cacheFolder(), `${name}-${tool.version}`);
  const path = join(folder, name);
  if (isExecutable(path)) return path;
  const go = which("go", ["/usr/local/go/bin"]);
  if (go === undefined) {
    const advice = `install Go from ${GO_DOWNLOAD} and try again`;
    throw new Error(`${name} ${tool.version} is built with Go, which is missing: ${advice}.`);
  }
  try {
    await buildByGo(go, name, tool, folder);
  } catch (error) {
    throw new Error(`${name} ${tool.version} could not be built by ${go}:\n${error.message}`, { cause: error });
  }
  return path;
}

/**
 * The pinned tool; where it cannot be had, Debian's build, if there is one.
 * @returns {Promise<string>} path of the executable; rejects with a sentence that says what to do.
 */
export async function ensureTool(name) {
  try {
    return await ensurePinnedTool(name);
  } catch (error) {
    const debianPackage = TOOLS[name]?.debianPackage;
    if (debianPackage === undefined) throw error;
    return insteadOf(error, debianPackage);
  }
}

async function insteadOf(error, debianPackage) {
  try {
    const path = await ensureDebianTool(debianPackage);
    say(`${error.message}\nUsing Debian's ${debianPackage} instead.`);
    return path;
  } catch (second) {
    throw new Error(`${error.message} ${second.message}`, { cause: second });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const names = process.argv.slice(2);
    if (names.length === 0) throw new Error(`usage: node tools/go-tools.mjs ${Object.keys(TOOLS).join("|")} …`);
    for (const name of names) process.stdout.write(`${await ensureTool(name)}\n`);
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
