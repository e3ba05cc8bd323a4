import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Monitor, MonitorSource } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { type Database, eventstoreMigrations, migrate, openDatabase } from "@sentinel/eventstore/postgres";
import { createPostgresFoldStore, type FoldStore, incidentsMigrations } from "@sentinel/incidents";
import { createServiceKit, type ServiceKit, silentLog } from "@sentinel/service-kit";
import type { FoldDeps } from "../../services/incidents/src/fold.ts";
import { createPartitionCache } from "../../services/incidents/src/partition-cache.ts";

const OWNER = "bench";

/** What folding needs, on an embedded PostgreSQL with fsync on, and some monitors that are checked. */
export interface FoldWorld {
  readonly kit: ServiceKit;
  readonly database: Database;
  readonly postgresPid: number;
  readonly store: FoldStore;
  readonly monitors: readonly Monitor[];
  readonly deps: FoldDeps;
}

export async function withFoldWorld<T>(count: number, use: (world: FoldWorld) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-fold-"));
  // The database's own account passes through to its cluster.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dir: join(folder, "postgres"), log: silentLog, durable: true });
  const database = await openDatabase(server.url);
  try {
    await migrate(database, [...eventstoreMigrations, ...incidentsMigrations]);
    const kit = createServiceKit({ service: "bench", env: { SENTINEL_LOG_LEVEL: "error" } });
    const store = createPostgresFoldStore(database);
    const monitors = Array.from({ length: count }, (_, index) => monitorOf(index, kit.clock.now()));
    const epochs = await store.transaction(async (tx) => {
      for (const monitor of monitors) await tx.monitors.save(monitor);
      const held = await tx.partitions.hold(OWNER, 24 * 3_600_000, true);
      return new Map(held.map(({ part, epoch }) => [part, epoch]));
    });
    const deps = { kit, store, cache: createPartitionCache(), epochs, owner: OWNER, channelsOf: () => ["ops"] };
    return await use({ kit, database, postgresPid: server.pid, store, monitors, deps });
  } finally {
    await database.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function monitorOf(index: number, nowMs: number): Monitor {
  const input = {
    name: `m${index}`,
    endpoints: [`https://service-${index}.example.org/health`],
    repair: { action: "wake-up", mode: "off" },
  };
  const parsed = parseMonitorInput(input);
  if (!parsed.ok) throw new Error(`not a monitor: ${JSON.stringify(parsed.problems)}`);
  const id = `mon_${String(index).padStart(26, "0")}`;
  return { id, spec: parsed.spec, source: MonitorSource.FILE, version: 1, createdAtMs: nowMs, changedAtMs: nowMs };
}
