import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { connectEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { freePort, until } from "../harness/sentinel.ts";
import { type Child, killChild, startSentinel } from "./child.ts";
import { prepareGround, type Stage, type StageOptions } from "./stage.ts";

const QUIET = { debug: (): void => undefined };

/** One `sentinel up` with its own database: the process and the database are killed, alone or together. */
export async function openAllInOne(options: StageOptions = {}): Promise<Stage> {
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
    );
  };
  const note = async (what: string): Promise<void> => {
    world.noteKill({ atMs: Date.now(), what, prober: true, executor: true });
    await world.noteSpool(spoolDir);
  };
  const killPostgres = async (): Promise<void> => {
    const home = await realpath(join(dataDir, "postgres/cluster"));
    const [pid] = (await readFile(join(home, "data/postmaster.pid"), "utf8").catch(() => "")).split("\n");
    if (Number(pid) > 1) kill(Number(pid));
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
      if (part !== "sentinel") await killPostgres();
      // Without its database it stops by itself, and what it does until then is noted as killed when it began.
      if (part === "postgres") {
        world.noteKill({ atMs: before, what: part, prober: false, executor: false });
        const gone = setTimeout(() => child?.signal("SIGKILL"), 10_000);
        await child.exited;
        clearTimeout(gone);
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

/** A process that has ended meanwhile is what was wanted. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
