import { chmod, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorld, type World } from "./ledger.ts";

export const EVERY_MS = 1000;
export const FAILURES_TO_CONFIRM = 2;

/** Where a run takes place: Sentinel in one or in several processes, and the world that it watches. */
export interface Stage {
  readonly mode: "all-in-one" | "distributed";
  readonly folder: string;
  readonly world: World;
  /** What can be killed by name. */
  readonly parts: readonly string[];
  /** Starts everything, and resolves when it is ready. */
  start(): Promise<void>;
  /** Ends the part without warning, notes it in the ledger, and resolves when it is gone. */
  kill(part: string): Promise<void>;
  /** Starts a part that is gone; `failpoint` arms it. */
  restart(part: string, failpoint?: string): Promise<void>;
  /** Resolves when the process of the part has ended by itself, and notes it as killed. */
  died(part: string): Promise<void>;
  ready(): Promise<void>;
  /** Address of the running database. */
  databaseUrl(): Promise<string>;
  /** Base address of REST. */
  readonly url: string;
  readonly spoolDir: string;
  /** What the processes wrote last, for a failure. */
  output(): string;
  /** Ends what runs, well. */
  stop(): Promise<void>;
}

export interface StageOptions {
  /** An empty folder that the caller removes; a temporary one, removed by `removeStage`, when absent. */
  readonly folder?: string;
  readonly monitors?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** How many processes make repairs; one when absent. */
  readonly executors?: number;
}

export interface Ground {
  readonly folder: string;
  readonly world: World;
}

/** The world and the configuration, before any process of ours. */
export async function prepareGround({ folder, monitors = 3, executors = 1 }: StageOptions): Promise<Ground> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), "sentinel-fault-")));
  // Open to pass through, for the account of the database.
  await chmod(home, 0o711);
  const names = Array.from({ length: monitors }, (_, index) => `shop-${index + 1}`);
  const world = await startWorld(names, executors);
  // On disk like a file that a person wrote long ago: a power cut must not take it back.
  await writeFile(join(home, "sentinel.yaml"), configOf(world), { flush: true });
  return { folder: home, world };
}

const configOf = ({ targets, hookUrl }: World): string => `
monitors:
${targets
  .map(
    ({ name, url }) => `  ${name}:
    endpoints: ["${url}"]
    every: ${EVERY_MS}ms
    timeout: 900ms
    failuresToConfirm: ${FAILURES_TO_CONFIRM}
    repair: {action: wake-up, mode: auto, patience: 4s, cooldown: 0s, hourlyCap: 60}
`,
  )
  .join("")}
notifications:
  ops: {type: webhook, url: "${hookUrl}/ops"}
  chat: {type: webhook, url: "${hookUrl}/chat"}
`;

/** Stops the stage and removes its folder. */
export async function removeStage(stage: Stage): Promise<void> {
  await stage.stop();
  await stage.world.stop();
  for (const place of ["data/postgres/cluster", "postgres/cluster"]) {
    const cluster = await realpath(join(stage.folder, place)).catch(() => stage.folder);
    // For root the database may live elsewhere, where its account reaches it.
    if (!cluster.startsWith(stage.folder)) await rm(cluster, { recursive: true, force: true });
  }
  await removeFolder(stage.folder);
}

/** Tries again what is written to meanwhile; of a mount point, which is emptied and stays, `rm` would do so for minutes. */
async function removeFolder(folder: string, tries = 5): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EBUSY") return;
    if (tries === 0) throw error;
    await sleep(200);
    await removeFolder(folder, tries - 1);
  }
}
