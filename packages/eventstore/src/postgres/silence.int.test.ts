import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "@sentinel/testkit";
import { eventstoreMigrations, openDatabase } from "./index.ts";

let home: TestDatabase;
let server: Server;
/** True while what is sent disappears on the way, without an end and without a reset. */
let swallowing = false;
const sockets = new Set<Socket>();

beforeAll(async () => {
  home = await createTestDatabase(eventstoreMigrations);
  const target = new URL(home.url);
  server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined).on("data", (data) => void (swallowing || to.write(data)));
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  await home.drop();
});

function throughProxy(): string {
  const address = server.address();
  const url = new URL(home.url);
  url.hostname = "127.0.0.1";
  url.port = typeof address === "object" && address !== null ? String(address.port) : "";
  return url.href;
}

test("a path that swallows what is sent ends the statement, and the next goes over a new connection", async () => {
  const database = await openDatabase(throughProxy(), { max: 2, statementTimeoutMs: 200, answerMs: 100 });
  swallowing = true;
  const stuck = database.transaction((tx) => tx`SELECT 1 AS one`);
  await expect(stuck).rejects.toMatchObject({ code: "database_unreachable" });
  swallowing = false;
  expect(await database.transaction((tx) => tx`SELECT 2 AS two`)).toEqual([{ two: 2 }]);
  await database.close();
});

test("silence while nothing is asked ends nothing, nor does a long step that was announced", async () => {
  const database = await openDatabase(throughProxy(), { max: 1, statementTimeoutMs: 200, answerMs: 100 });
  const pid = async (): Promise<number | undefined> =>
    (await database.sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`)[0]?.pid;
  const before = await pid();
  await setTimeout(700);
  await database.patiently(() =>
    database.transaction(async (tx) => {
      await tx`SET LOCAL statement_timeout = 0`;
      await tx`SELECT pg_sleep(0.7)`;
    }),
  );
  expect(await pid()).toBe(before);
  await database.close();
});
