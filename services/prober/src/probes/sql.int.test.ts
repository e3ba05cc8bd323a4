import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, seededRandom, startTestPostgres, type TestPostgres } from "@sentinel/testkit";
import { createChecks } from "./test-checks.ts";

const PASSWORD = "k3ep-it-secret";
const { check, serve, close } = createChecks({ SENTINEL_SECRET_DB: PASSWORD, SENTINEL_SECRET_W: "not-that-one" });
afterAll(close);

const SIGNED_IN = { user: "reader", password: "${SENTINEL_SECRET_DB}" };

describe("against PostgreSQL", () => {
  let server: TestPostgres;
  let address = "";
  beforeAll(async () => {
    server = await startTestPostgres();
    const { host } = new URL(server.url);
    address = `postgres://${host}/postgres`;
    await server.execute(`CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}' CONNECTION LIMIT 5;
      CREATE ROLE full_up LOGIN PASSWORD '${PASSWORD}' CONNECTION LIMIT 0;
      CREATE TABLE orders (id int, note text);
      INSERT INTO orders SELECT n, NULLIF('n' || n, 'n2') FROM generate_series(1, 5) n;
      GRANT ALL ON orders TO reader`);
  });
  afterAll(() => server.stop());

  const sql = (query: string, options: object = {}, assert: readonly object[] = []) => ({
    url: address,
    sql: { ...SIGNED_IN, query, ...options },
    assert,
  });

  test.each([
    ["no rows are wanted and there are none", "SELECT id FROM orders WHERE id > 9", { subject: "rows", is: 0 }, ""],
    ["no rows are wanted and there are some", "SELECT id FROM orders", { subject: "rows", is: 0 }, "assertion"],
    ["the first column of the first row", "SELECT 7, 8", { subject: "value", is: 7 }, ""],
    ["a column by its name", "SELECT 7 AS a, 8.50 AS b", { subject: "value", of: "b", is: 8.5 }, ""],
    [
      "an age",
      "SELECT extract(epoch FROM now() - now() + interval '90 s')",
      { subject: "value", below: 60 },
      "assertion",
    ],
    ["a column that is not there", "SELECT 7 AS a", { subject: "value", of: "c", is: 7 }, "assertion_nothing"],
    ["NULL is no value", "SELECT note FROM orders WHERE id = 2", { subject: "value", exists: false }, ""],
    [
      "the server's own text of a time",
      "SELECT timestamptz '2026-01-02 03:04:05Z' AT TIME ZONE 'UTC'",
      { subject: "value", is: "2026-01-02 03:04:05" },
      "",
    ],
  ])("%s", async (_what, query, assertion, reason) => {
    const result = await check(sql(query, {}, [assertion]));
    expect(result).toMatchObject({ verdict: reason === "" ? Verdict.HEALTHY : Verdict.DOWN, reason });
  });

  test("rows are read up to the cap; a number beyond it is not judged", async () => {
    const all = "SELECT n FROM generate_series(1, 1000000) n";
    const some = await check(sql(all, { maxRows: 3 }, [{ subject: "rows", atLeast: 2 }]));
    expect(some).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    const few = await check(sql(all, { maxRows: 3 }, [{ subject: "rows", atMost: 3 }]));
    expect(few).toMatchObject({ verdict: Verdict.DOWN, reason: "assertion" });
    expect(few.evidence?.requestLine).toContain("(cut after 3 rows)");
    const beyond = await check(sql(all, { maxRows: 3 }, [{ subject: "rows", atMost: 10 }]));
    expect(beyond).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "rows_cut" });
  });

  test.each([
    ["writes", "DELETE FROM orders", "query_read_only"],
    [
      "writes behind a reading face",
      "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone",
      "query_read_only",
    ],
    ["leaves the transaction and goes on", "COMMIT; DELETE FROM orders", "query_failed"],
    ["makes the transaction a writing one", "SELECT set_config('transaction_read_only', 'off', true)", "query_failed"],
    ["asks for a table that is not there", "SELECT 1 FROM never_heard_of", "query_failed"],
    ["runs too long", "SELECT pg_sleep(60)", "query_timeout"],
  ])("is down when the query %s", async (_what, query, reason) => {
    const result = await check(sql(query), 1000);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    const kept = await check(sql("SELECT count(*) FROM orders", {}, [{ subject: "value", is: 5 }]));
    expect(kept).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
  });

  test("names SQLSTATE and the server's words, and leaves data out of them", async () => {
    const missing = await check(sql("SELECT 1 FROM never_heard_of"));
    expect(missing.evidence?.params).toMatchObject({
      code: "42P01",
      actual: 'relation "never_heard_of" does not exist',
    });
    const data = await check(sql("SELECT note::int FROM orders WHERE id = 3"));
    expect(data.evidence?.params).toMatchObject({
      code: "22P02",
      actual: 'invalid input syntax for type integer: "..."',
    });
  });

  test.each([
    ["a wrong password", { password: "${SENTINEL_SECRET_W}" }, "auth_refused"],
    ["no password", { password: null }, "auth_required"],
    ["a user without a connection left", { user: "full_up" }, "too_many_connections"],
    ["TLS that the server lacks", { tls: { skipVerify: true } }, "starttls_refused"],
  ])("is down with %s", async (_what, options, reason) => {
    const result = await check(sql("SELECT 1", options));
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    expect(JSON.stringify(result)).not.toMatch(/k3ep-it-secret|not-that-one/);
  });

  test("a database that is not there is named", async () => {
    const result = await check({ ...sql("SELECT 1"), url: address.replace(/postgres$/, "nowhere") });
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "database_missing" });
  });

  test("secures the connection as the protocol does it", async () => {
    const now = systemClock.now();
    const dates = { validFromMs: now - 3_600_000, validToMs: now + 3_600_000 };
    const pem = createCertificate({ commonName: "db.test", names: ["127.0.0.1"], ...dates });
    const folder = await mkdtemp(join(tmpdir(), "sentinel-sql-"));
    await chmod(folder, 0o755);
    await writeFile(join(folder, "cert.pem"), pem.cert);
    await writeFile(join(folder, "key.pem"), pem.key);
    // The server wants a key of its own, and may run as another user than the test; its folder is where programs run.
    const copy = `cp ${folder}/cert.pem server.crt && cp ${folder}/key.pem server.key && chmod 600 server.key`;
    await server.execute(`COPY (SELECT 1) TO PROGRAM '${copy}'`);
    await server.execute("ALTER SYSTEM SET ssl = on");
    await server.execute("SELECT pg_reload_conf()");
    const own = "SELECT CASE WHEN ssl THEN 'secured' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    const secured = () => check(sql(own, { tls: { authorities: pem.cert } }, [{ subject: "value", is: "secured" }]));
    // The server takes the new settings when it gets to it.
    let result = await secured();
    while (result.reason === "starttls_refused") result = await secured();
    expect(result).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(result.phases?.tlsMs).toBeGreaterThan(0);
    const untrusted = await check(sql("SELECT 1", { tls: {} }));
    expect(untrusted).toMatchObject({ verdict: Verdict.DOWN, reason: "tls_self_signed" });
    expect(untrusted.evidence?.certificate?.subject).toBe("db.test");
    await rm(folder, { recursive: true });
  });
});

describe("a server that is none, or breaks off", () => {
  test.each([
    [
      "another protocol",
      "postgres",
      (socket: Socket) => socket.on("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")),
      "wrong_protocol",
    ],
    ["an end", "postgres", (socket: Socket) => socket.on("data", () => socket.end()), "empty_reply"],
    ["silence", "postgres", () => undefined, "timeout_in_first_byte"],
    ["half an answer", "postgres", (socket: Socket) => socket.on("data", () => socket.end("R\0\0")), "truncated"],
    ["another greeting", "mysql", (socket: Socket) => socket.write("SSH-2.0-OpenSSH_9\r\n"), "wrong_protocol"],
    ["an end without a greeting", "mysql", (socket: Socket) => socket.end(), "empty_reply"],
    ["no greeting", "mysql", () => undefined, "timeout_in_first_byte"],
    [
      "no room",
      "mysql",
      (socket: Socket) =>
        socket.end(Buffer.from("1700000\0ff1004546f6f206d616e7920636f6e6e656374696f6e73".replace("\0", "0"), "hex")),
      "too_many_connections",
    ],
  ])("%s of %s", async (_what, scheme, talk, reason) => {
    const port = await serve((socket) => void talk(socket));
    const result = await check({ url: `${scheme}://127.0.0.1:${port}/shop`, sql: SIGNED_IN }, 500);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
  });
});

/** A greeting of MySQL's protocol with nothing wrong in it. */
const GREETING = Buffer.from(
  "4a0000000a382e302e3336000800000041424344454647480000ff020200ff1f150000000000000000000000" +
    "4142434445464748494a4b4c006361636869" +
    "6e675f736861325f70617373776f726400",
  "hex",
);

test("what cannot be read is this server's failure, wherever it comes", async () => {
  const random = seededRandom(7);
  const talks = Array.from({ length: 40 }, (_, index) => {
    const [garbage, isPostgres] = [random.bytes(1 + Math.floor(random.next() * 200)), index % 2 === 0];
    const packet = Buffer.concat([Buffer.from([garbage.length, 0, 0, 2]), garbage]);
    const framed = Buffer.concat([Buffer.from([0x52, 0, 0, 0, garbage.length + 4]), garbage]);
    const talk = (socket: Socket): void => {
      if (!isPostgres) socket.write(GREETING);
      socket.on("data", () => void socket.write(isPostgres ? framed : packet));
    };
    return { talk, scheme: isPostgres ? "postgres" : "mysql" };
  });
  const results = await Promise.all(
    talks.map(async ({ talk, scheme }) => {
      const port = await serve(talk);
      return check({ url: `${scheme}://127.0.0.1:${port}/shop`, sql: SIGNED_IN }, 400);
    }),
  );
  for (const result of results) expect(result.verdict).toBe(Verdict.DOWN);
});
