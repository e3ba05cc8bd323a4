import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { ErrorParams } from "@sentinel/contracts/errors";
import { type Locale, renderError } from "@sentinel/contracts/text";
import { freePort } from "@sentinel/testkit";
import { Sentinel, type SentinelOptions, until } from "../harness/sentinel.ts";

/** How long a start or a stop may take before a test gives up on it; a guard against hanging, not a goal. */
export const GUARD_MS = 30_000;

/** All that stands on standard error when this is what went wrong: title, why, what to do, and nothing else. */
export function told(code: string, params: ErrorParams, locale: Locale = "en"): string {
  const { title, detail, fix } = renderError(locale, code, params);
  return `${title}\n  ${detail}\n  ${fix}\n`;
}

/** Starts it and waits for its end: its exit code and all it wrote on standard error. */
export async function startAndEnd(sentinel: Sentinel): Promise<{ code: number | null; stderr: string }> {
  sentinel.start();
  const { code } = await ended(sentinel);
  return { code, stderr: sentinel.stderr };
}

/** Waits for its end; one that does not end in a long time is killed, which then is its exit. */
export async function ended(sentinel: Sentinel): Promise<{ code: number | null; signal: string | null }> {
  const guard = setTimeout(() => sentinel.kill("SIGKILL"), GUARD_MS);
  return sentinel.exited().finally(() => clearTimeout(guard));
}

/** Another Sentinel on the data and the configuration of this one, with ports of its own. */
export async function besides(sentinel: Sentinel, options: SentinelOptions = {}): Promise<Sentinel> {
  return Sentinel.create({ ...options, folder: sentinel.folder, port: await freePort() });
}

export const monitorNames = async (sentinel: Sentinel): Promise<string[]> =>
  (await sentinel.call<{ data: { name: string }[] }>("GET", "/api/v1/monitors")).data.map(({ name }) => name).sort();

/** Where the embedded PostgreSQL keeps its files. */
export const postgresData = async (sentinel: Sentinel): Promise<string> =>
  join(await realpath(join(sentinel.folder, "data/postgres/cluster")), "data");

/** The process of the embedded PostgreSQL, while it runs. */
export async function postgresPid(sentinel: Sentinel): Promise<number> {
  const text = await readFile(join(await postgresData(sentinel), "postmaster.pid"), "utf8");
  return Number(text.split("\n")[0]);
}

/** Waits until the embedded PostgreSQL and its children are gone; nothing tells us, for they are not our children. */
export async function postgresGone(sentinel: Sentinel): Promise<void> {
  const none = async () => ((await processesAt(sentinel.folder)).length === 0 ? true : undefined);
  await until("PostgreSQL to be gone", none, 10_000);
}

/** Processes that work in this folder or below: a PostgreSQL server and its children live in their data folder. */
async function processesAt(folder: string): Promise<readonly number[]> {
  const cluster = await realpath(join(folder, "data/postgres/cluster")).catch(() => folder);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
  return pids.filter((_, i) => places[i]?.startsWith(folder) || places[i]?.startsWith(cluster)).map(Number);
}
