import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startEmbeddedPostgres } from "@sentinel/eventstore/embedded";
import { openDatabase } from "@sentinel/eventstore/postgres";
import { incidentsMigrations } from "@sentinel/incidents";
import { Sentinel } from "../harness/sentinel.ts";
import { besides, GUARD_MS, monitorNames, postgresData, startAndEnd, told } from "./support.ts";

const YAML = 'monitors:\n  from-file: {endpoints: ["http://127.0.0.1:9/"], every: 10m}\n';

let sentinel: Sentinel;
beforeAll(async () => {
  sentinel = await Sentinel.create({ config: YAML });
  sentinel.start();
  await sentinel.ready(GUARD_MS);
  await sentinel.call("POST", "/api/v1/monitors", {
    name: "from-rest",
    endpoints: ["http://127.0.0.1:9/"],
    every: "10m",
  });
}, GUARD_MS);
afterAll(() => sentinel.remove(), GUARD_MS);

/** Nothing was damaged: it is, or becomes, ready and has what it had. */
async function expectWhole(): Promise<void> {
  if (sentinel.pid === undefined || sentinel.exitCode !== undefined) sentinel.start();
  await sentinel.ready(GUARD_MS);
  expect(await monitorNames(sentinel)).toEqual(["from-file", "from-rest"]);
}

describe("beside one that runs, a second start", () => {
  test("on its data folder is refused with its process id, and the first goes on", async () => {
    const second = await besides(sentinel);
    expect(await startAndEnd(second)).toEqual({
      code: 1,
      stderr: told("data_dir_in_use", { dir: join(sentinel.folder, "data/postgres"), pid: String(sentinel.pid) }),
    });
    await expectWhole();
  });

  test("on its HTTP port is refused before anything is written", async () => {
    const second = await Sentinel.create({ port: sentinel.port });
    const address = `127.0.0.1:${sentinel.port}`;
    expect(await startAndEnd(second)).toEqual({
      code: 1,
      stderr: told("port_unavailable", { address, reason: "EADDRINUSE" }),
    });
    await expect(readFile(join(second.folder, "data/logs/sentinel.log"))).rejects.toMatchObject({ code: "ENOENT" });
    await second.remove();
  });

  test("on its gRPC port is refused, in French on a French terminal", async () => {
    const second = await Sentinel.create({ args: ["--grpc-port", String(sentinel.grpcPort), "--lang", "fr"] });
    const address = `127.0.0.1:${sentinel.grpcPort}`;
    expect(await startAndEnd(second)).toEqual({
      code: 1,
      stderr: told("port_unavailable", { address, reason: "EADDRINUSE" }, "fr"),
    });
    await second.remove();
  });
});

describe("data that this version cannot use", () => {
  beforeAll(() => sentinel.stop());

  test("because a newer version wrote it is left as it is", async () => {
    await inDatabase("INSERT INTO schema_migrations (id, name, checksum) VALUES (99999, 'later', 'later')");
    const { code, stderr } = await startAndEnd(sentinel);
    expect(code).toBe(1);
    expect(stderr).toBe(told("schema_newer", { found: "99999", known: String(incidentsMigrations.at(-1)?.id) }));
    await inDatabase("DELETE FROM schema_migrations WHERE id = 99999");
    await expectWhole();
    await sentinel.stop();
  });

  test("because another PostgreSQL made it is left as it is", async () => {
    const dir = await postgresData(sentinel);
    const version = join(dir, "PG_VERSION");
    const known = await readFile(version, "utf8");
    await writeFile(version, "17\n");
    expect(await startAndEnd(sentinel)).toEqual({
      code: 1,
      stderr: told("data_dir_other_postgres", { dir, found: "17", known: known.trim() }),
    });
    await writeFile(version, known);
    await expectWhole();
  });
});

async function inDatabase(statement: string): Promise<void> {
  const dir = join(sentinel.folder, "data/postgres");
  const server = await startEmbeddedPostgres({ dir, log: { debug: () => undefined }, durable: false });
  try {
    const database = await openDatabase(server.url, { max: 1 });
    await database.sql.unsafe(statement);
    await database.close();
  } finally {
    await server.stop();
  }
}
