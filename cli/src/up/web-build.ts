import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SentinelError } from "@sentinel/contracts/errors";
import { withBuildLock } from "./build-lock.ts";

const root = join(import.meta.dirname, "../../..");
const web = join(root, "web");
const PROGRESS_EVERY_MS = 5000;
/** What Next.js says when another build of it runs in the folder. */
const BUSY = "Wait for the build to complete";
const BUSY_MS = 2000;
const BUSY_TRIES = 90;

/** What the prerendered pages are made from. */
const SOURCES = [
  "web/{app,components,lib,messages,styles}/**/*.*",
  "web/*.{mjs,ts,json}",
  "packages/contracts/src/{api,config,errors,generated,text}/**/*.ts",
  "packages/contracts/src/*.ts",
  "package-lock.json",
];

/** Tests, and what the build itself writes. */
const NOT_SOURCES = /\.test\.tsx?$|next-env\.d\.ts$/;

export interface BuildOptions {
  /** Build even when the sources are those of the last build. */
  readonly force?: boolean;
  /** Pass on everything that the build says. */
  readonly verbose?: boolean;
  /** Called now and again with the seconds so far, while a build runs. */
  readonly onProgress?: (seconds: number) => void;
  /** Ends a build that runs; it then counts as failed. */
  readonly signal?: AbortSignal;
}

/**
 * The folder with the dashboard as plain files, built first where its sources changed since the last build.
 * @throws SentinelError `dashboard_build_failed` {reason}
 */
export async function buildDashboard(options: BuildOptions = {}): Promise<string> {
  const folder = join(web, "out");
  const stamp = join(folder, ".built");
  const wanted = await hashSources(root, SOURCES);
  if (options.force !== true && (await isBuilt(folder, stamp, wanted))) return folder;
  const build = async (): Promise<void> => {
    // Somebody else may have built it while this one waited.
    if (options.force !== true && (await isBuilt(folder, stamp, wanted))) return;
    await runBuild(options);
    await mkdir(folder, { recursive: true });
    await writeFile(stamp, wanted);
  };
  await withBuildLock(join(root, ".cache", "dashboard"), build, options.signal);
  return folder;
}

/** One hash over the names and contents of all files that match. */
export async function hashSources(from: string, patterns: readonly string[]): Promise<string> {
  const files: string[] = [];
  for await (const file of glob([...patterns], { cwd: from })) {
    if (!NOT_SOURCES.test(file)) files.push(file);
  }
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(join(from, file)));
  return `${hash.digest("hex")}\n`;
}

async function isBuilt(folder: string, stamp: string, wanted: string): Promise<boolean> {
  const built = await readFile(stamp, "utf8").catch(() => "");
  if (built !== wanted) return false;
  return access(join(folder, "_next")).then(
    () => true,
    () => false,
  );
}

async function runBuild({ verbose = false, onProgress, signal }: BuildOptions): Promise<void> {
  const from = performance.now();
  const elapsed = (): number => Math.round((performance.now() - from) / 1000);
  onProgress?.(0);
  const timer = setInterval(() => onProgress?.(elapsed()), PROGRESS_EVERY_MS);
  try {
    const { code, output } = await nextAlone(verbose, signal);
    if (code !== 0) throw new SentinelError("dashboard_build_failed", { reason: reasonIn(output) });
  } finally {
    clearInterval(timer);
  }
}

/** A build goes on when the process that began it was killed, and Next.js lets no other in until it has ended. */
async function nextAlone(verbose: boolean, signal: AbortSignal | undefined): ReturnType<typeof next> {
  for (let tries = 1; ; tries += 1) {
    const ended = await next(verbose, signal);
    if (ended.code === 0 || !ended.output.includes(BUSY) || tries === BUSY_TRIES) return ended;
    await sleep(BUSY_MS, undefined, signal === undefined ? {} : { signal });
  }
}

function next(
  verbose: boolean,
  signal: AbortSignal | undefined,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "build"], {
      cwd: web,
      // Progress and counts of use are for nobody here.
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production", CI: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-50_000);
      if (verbose) process.stderr.write(chunk);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (cause) => reject(new SentinelError("dashboard_build_failed", { reason: cause.message })));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The first line that names an error; the rest is for `--verbose`. */
function reasonIn(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.find((line) => /error|failed|cannot/i.test(line)) ?? lines.at(-1) ?? "-";
}
