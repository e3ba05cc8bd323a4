import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram, freePort, startNats, startProgram, startTestPostgres } from "@sentinel/testkit";
import { gated, type Opening, type World } from "./world.ts";

export const PASSWORD = "k3ep-it-secret";
const RIGHT = "${SENTINEL_SECRET_RIGHT}";
const WRONG = "${SENTINEL_SECRET_WRONG}";
const ORDERS = ["CREATE TABLE shop.orders (id int, late int)", "INSERT INTO shop.orders VALUES (1, 0), (2, 0), (3, 1)"];

async function sqlWorld(kind: string, port: number, path: string, stop: () => unknown): Promise<World> {
  const { gate, common } = await gated(port);
  const url = `${kind}://127.0.0.1:${gate.port}/${path}`;
  const sql = (query: string, password = RIGHT) => ({ sql: { user: "reader", password, query } });
  const none = [{ subject: "rows", is: 0 }];
  return {
    kind,
    endpoint: { url, ...sql("SELECT id FROM shop.orders WHERE late > 1"), assert: none },
    changes: [
      ...common,
      { how: "the query finds a row that must not be there", asks: sql("SELECT id FROM shop.orders WHERE late = 1") },
      { how: "the password is wrong", asks: sql("SELECT 1", WRONG) },
      { how: "the table is gone", asks: sql("SELECT id FROM shop.invoices") },
      { how: "the query wants to change data", asks: sql("DELETE FROM shop.orders") },
      { how: "the database is not there", asks: { url: `${kind}://127.0.0.1:${gate.port}/nothing` } },
    ],
    stop: async () => {
      await gate.shut();
      await stop();
    },
  };
}

export const postgres: Opening = async () => {
  const server = await startTestPostgres();
  await server.execute(`CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'; CREATE SCHEMA shop; ${ORDERS.join("; ")};
    GRANT USAGE ON SCHEMA shop TO reader; GRANT ALL ON ALL TABLES IN SCHEMA shop TO reader`);
  return sqlWorld("postgres", Number(new URL(server.url).port), "postgres", () => server.stop());
};

export const mysql: Opening = async () => {
  const [daemon, install] = [findProgram("mariadbd"), findProgram("mariadb-install-db")];
  if (daemon === undefined || install === undefined) return { lacks: "mariadbd" };
  const port = await freePort();
  const setup = [
    "CREATE DATABASE shop",
    ...ORDERS,
    `CREATE USER reader@'%' IDENTIFIED BY '${PASSWORD}'`,
    "GRANT ALL ON *.* TO reader@'%'",
  ];
  const prepare = async (folder: string): Promise<void> => {
    await writeFile(join(folder, "setup.sql"), `${setup.join(";\n")};\n`);
    await promisify(execFile)(install, ["--no-defaults", `--datadir=${folder}/data`, "--skip-test-db", "--user=root"]);
  };
  const args = (folder: string) => [
    "--no-defaults",
    "--user=root",
    `--datadir=${folder}/data`,
    `--socket=${folder}/socket`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--init-file=${folder}/setup.sql`,
    "--innodb-flush-log-at-trx-commit=0",
  ];
  const server = await startProgram(daemon, args, /ready for connections/, prepare);
  return sqlWorld("mysql", port, "shop", () => server.stop());
};

export const redis: Opening = async () => {
  const path = findProgram("redis-server");
  if (path === undefined) return { lacks: "redis-server" };
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD];
  const server = await startProgram(path, args, /Ready to accept connections/);
  const { gate, common } = await gated(port);
  return {
    kind: "redis",
    endpoint: { url: `redis://127.0.0.1:${gate.port}`, redis: { password: RIGHT } },
    changes: [
      ...common,
      { how: "the password is wrong", asks: { redis: { password: WRONG } } },
      { how: "the monitor has no password", asks: { redis: {} } },
      { how: "the secret is not set", asks: { redis: { password: "${SENTINEL_SECRET_UNSET}" } } },
      { how: "it is no longer the replica", asks: { assert: [{ subject: "value", of: "role", is: "slave" }] } },
    ],
    stop: async () => {
      await gate.shut();
      await server.stop();
    },
  };
};

export const nats: Opening = async () => {
  const server = await startNats({ token: PASSWORD, jetStream: false });
  const { gate, common } = await gated(server.port);
  return {
    kind: "nats",
    endpoint: { url: `nats://127.0.0.1:${gate.port}`, nats: { token: RIGHT } },
    changes: [
      ...common,
      { how: "the token is wrong", asks: { nats: { token: WRONG } } },
      { how: "the monitor has no token", asks: { nats: {} } },
      { how: "JetStream is off", asks: { nats: { token: RIGHT, jetstream: true } } },
    ],
    stop: async () => {
      await gate.shut();
      await server.stop();
    },
  };
};

export const prometheus: Opening = async () => {
  const path = findProgram("prometheus");
  if (path === undefined) return { lacks: "prometheus" };
  const port = await freePort();
  const args = (folder: string) => [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const prepare = (folder: string) => writeFile(join(folder, "prometheus.yml"), "global: {}\n");
  const server = await startProgram(path, args, /ready to receive web requests/, prepare);
  const { gate, common } = await gated(port);
  const value = [{ subject: "value", below: 50 }];
  return {
    kind: "prometheus",
    endpoint: { url: `prometheus+http://127.0.0.1:${gate.port}`, prometheus: { query: "vector(42)" }, assert: value },
    changes: [
      ...common,
      { how: "the value is too high", asks: { prometheus: { query: "vector(73)" } } },
      { how: "the series is gone", asks: { prometheus: { query: "up{job='gone'}" } } },
      { how: "the query cannot be read", asks: { prometheus: { query: "sum(" } } },
    ],
    stop: async () => {
      await gate.shut();
      await server.stop();
    },
  };
};

export const dns: Opening = async () => {
  const path = findProgram("dnsmasq");
  if (path === undefined) return { lacks: "dnsmasq" };
  const port = await freePort();
  const args = [
    `--port=${port}`,
    "--listen-address=127.0.0.1",
    "--bind-interfaces",
    ..."--no-resolv --no-hosts --conf-file=/dev/null --pid-file= --keep-in-foreground --log-facility=- --user=root".split(
      " ",
    ),
    "--host-record=shop.test,192.0.2.7",
    "--local=/test/",
  ];
  const start = () => startProgram(path, args, /started/);
  let server = await start();
  const base = `dns://127.0.0.1:${port}`;
  return {
    kind: "dns",
    endpoint: { url: `${base}/shop.test`, dns: { type: "A", expect: ["192.0.2.7"] } },
    changes: [
      {
        how: "the server is stopped",
        make: () => server.stop(),
        undo: async () => {
          server = await start();
        },
      },
      { how: "the record has another value than expected", asks: { dns: { type: "A", expect: ["192.0.2.8"] } } },
      { how: "the name is not there", asks: { url: `${base}/www.gone.test` } },
      { how: "the record is of another type", asks: { dns: { type: "MX" } } },
      { how: "the answer must be signed and is not", asks: { dns: { type: "A", flags: ["ad"] } } },
    ],
    stop: () => server.stop(),
  };
};
