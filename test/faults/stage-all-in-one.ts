import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { connectEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { freePort } from "@sentinel/testkit";
import { until } from "../harness/sentinel.ts";
import { type Child, killChild, startSentinel } from "./child.ts";
import { prepareGround, type Stage, type StageOptions } from "./stage.ts";

const ENDS_WITHIN_MS = 15_000;
const QUIET = { debug: (): void => undefined };

export interface AllInOneStage extends Stage {
  readonly pid: () => number;
  /** Resolves when the process has ended, and notes it as killed; what it left on disk is the caller's to look at. */
  gone(what: string): Promise<void>;
}

/** One `sentinel up` with its own database: the process and the database are killed, alone or together. */
export async function openAllInOne(options: StageOptions = {}): Promise<AllInOneStage> {
  const { folder, world } = await prepareGround(options);
  const port = await freePort();
  const grpcPort = await freePort();
  const dataDir = join(folder, "data");
  const spoolDir = join(dataDir, "spool");
  const url = `http://127.0.0.1:${port}`;
  let child: Child | undefined;
  const restart = (failpoint = ""): void => {
    const ports = ["--port", String(port), "--grpc-port", String(grpcPort)];
    child = startSentinel(["up", "--config", join(folder, "sentinel.yaml"), "--data", dataDir, ...ports], {
      ...options.env,
      SENTINEL_FAILPOINT: failpoint,
    });
  };
  const ready = async (): Promise<void> => {
    await until(
      "a ready Sentinel",
      async () => {
        if (child?.running() !== true) throw new Error(`it ended:\n${child?.output() ?? ""}`);
        return (await fetch(`${url}/readyz`)).ok ? true : undefined;
      },
      90_000,
    ).catch((error: unknown) => {
      throw new Error(`not ready:\n${child?.output() ?? ""}`, { cause: error });
    });
  };
  const note = async (what: string): Promise<void> => {
    world.noteKill({ atMs: Date.now(), what, prober: true, executor: true });
    await world.noteSpool(spoolDir);
  };
  const killPostgres = async (): Promise<boolean> => {
    const home = await realpath(join(dataDir, "postgres/cluster"));
    const [pid = ""] = (await readFile(join(home, "data/postmaster.pid"), "utf8").catch(() => "")).split("\n");
    // The file of a server that was killed stays behind, and its number may be another program's by now.
    const program = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    // That of a process that was killed just before may still be ending while the next one starts.
    if (!program.includes(home) || !(await descendsFrom(Number(pid), child?.pid ?? 0))) return false;
    kill(Number(pid));
    return true;
  };
  return {
    mode: "all-in-one",
    folder,
    world,
    url,
    spoolDir,
    parts: ["sentinel", "postgres", "both"],
    start: async () => {
      restart();
      await ready();
    },
    kill: async (part) => {
      if (child === undefined) return;
      const before = Date.now();
      const hit = part === "sentinel" ? false : await killPostgres();
      if (part === "postgres" && hit) {
        world.noteKill({ atMs: before, what: part, prober: false, executor: false });
        await endsByItself(child);
      } else await killChild(child);
      await note(part);
    },
    restart: (_part, failpoint) => {
      restart(failpoint);
      return Promise.resolve();
    },
    died: async () => {
      await child?.exited;
      await note("failpoint");
    },
    pid: () => child?.pid ?? 0,
    gone: async (what) => {
      await child?.exited;
      world.noteKill({ atMs: Date.now(), what, prober: true, executor: true });
    },
    ready,
    databaseUrl: async () => {
      const { url } = await connectEmbeddedPostgres({ dir: join(dataDir, "postgres"), log: QUIET, durable: true });
      return url;
    },
    output: () => child?.output() ?? "",
    stop: async () => {
      if (child?.running() !== true) return;
      const force = setTimeout(() => child?.signal("SIGKILL"), 15_000);
      child.signal("SIGTERM");
      await child.exited;
      clearTimeout(force);
    },
  };
}

/** Without its database it has to stop and say so, also in the middle of a start. */
async function endsByItself(child: Child): Promise<void> {
  let forced = false;
  const force = setTimeout(() => {
    forced = true;
    child.signal("SIGKILL");
  }, ENDS_WITHIN_MS);
  await child.exited;
  clearTimeout(force);
  if (forced) throw new Error(`it went on for ${ENDS_WITHIN_MS} ms without its database:\n${child.output()}`);
}

async function descendsFrom(pid: number, ancestor: number): Promise<boolean> {
  for (let each = pid; each > 1;) {
    if (each === ancestor) return true;
    const status = await readFile(`/proc/${each}/status`, "utf8").catch(() => "");
    each = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1] ?? 0);
  }
  return false;
}

/** A process that has ended meanwhile is what was wanted. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
