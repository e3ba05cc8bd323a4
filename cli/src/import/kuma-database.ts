import { DatabaseSync } from "node:sqlite";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Fields } from "./entry.ts";
import type { KumaDatabase } from "./uptime-kuma.ts";

/** Reads Uptime Kuma's file and changes nothing in it. @throws SentinelError `file_not_readable_as` {file, form, detail} */
export function readKumaDatabase(file: string): KumaDatabase {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return read(database);
    } finally {
      database.close();
    }
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new SentinelError("file_not_readable_as", { file, form: "SQLite", detail }, { cause });
  }
}

function read(database: DatabaseSync): KumaDatabase {
  const named = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  const tables = named.map((row) => String(row["name"]));
  const monitor: Record<string, Fields> = {};
  for (const row of database.prepare("SELECT * FROM monitor ORDER BY id").all())
    monitor[String(row["id"])] = { ...row };
  const tags: Record<string, string[]> = {};
  if (tables.includes("tag") && tables.includes("monitor_tag")) {
    const pairs =
      "SELECT m.monitor_id AS id, t.name AS name, m.value AS value FROM monitor_tag m JOIN tag t ON t.id = m.tag_id";
    for (const { id, name, value } of database.prepare(pairs).all()) {
      const text = typeof value === "string" && value !== "" ? `${String(name)}:${value}` : String(name);
      tags[String(id)] = [...(tags[String(id)] ?? []), text];
    }
  }
  const read = ["monitor", "tag", "monitor_tag"];
  const counts = tables
    .filter((table) => !read.includes(table))
    .map(
      (table) =>
        [
          table,
          Number(database.prepare(`SELECT count(*) AS n FROM "${table.replaceAll('"', '""')}"`).get()?.["n"] ?? 0),
        ] as const,
    )
    .filter(([, rows]) => rows > 0);
  return { monitor, tags, tables: Object.fromEntries(counts) };
}
