import { join } from "node:path";

/** The longest path of a Unix socket that every system takes. */
const SOCKET_PATH_MAX = 100;

/** Settings of a small server beside us, as arguments of `postgres`. */
export function serverArguments(
  home: string,
  port: number,
  durable: boolean,
  others: Readonly<Record<string, string>> = {},
): readonly string[] {
  const settings: Readonly<Record<string, string>> = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: socketFolder(home),
    unix_socket_permissions: "0700",
    max_connections: "40",
    shared_buffers: "32MB",
    work_mem: "4MB",
    maintenance_work_mem: "32MB",
    max_worker_processes: "2",
    max_logical_replication_workers: "0",
    max_parallel_workers_per_gather: "0",
    io_method: "sync",
    jit: "off",
    huge_pages: "off",
    wal_level: "minimal",
    max_wal_senders: "0",
    min_wal_size: "32MB",
    max_wal_size: "256MB",
    // Whole pages go to the log once after each checkpoint; of small rows that would be most of what is written.
    wal_compression: "on",
    fsync: durable ? "on" : "off",
    synchronous_commit: "on",
    full_page_writes: durable ? "on" : "off",
    autovacuum_worker_slots: "3",
    log_checkpoints: "off",
    log_line_prefix: "",
    logging_collector: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    ...others,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", join(home, "data"), ...flags];
}

function socketFolder(home: string): string {
  const longest = join(home, ".s.PGSQL.65535.lock");
  return Buffer.byteLength(longest) <= SOCKET_PATH_MAX && !/[",]/.test(home) ? home : "";
}
