import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, findProgram, freePort, type Program, startProgram } from "@sentinel/testkit";
import { createChecks, describeAgainst } from "./test-checks.ts";

const PASSWORD = "k3ep-it-secret";
const { check, close } = createChecks({ SENTINEL_SECRET_DB: PASSWORD, SENTINEL_SECRET_W: "not-that-one" });
afterAll(close);

const [daemon, install] = [findProgram("mariadbd"), findProgram("mariadb-install-db")];

const now = systemClock.now();
const dates = { validFromMs: now - 3_600_000, validToMs: now + 3_600_000 };
const pem = createCertificate({ commonName: "db.test", names: ["127.0.0.1"], ...dates });

const SETUP = [
  "CREATE DATABASE shop",
  "CREATE TABLE shop.orders (id int, note text, at datetime)",
  "INSERT INTO shop.orders VALUES (1, 'n1', '2026-01-02 03:04:05'), (2, NULL, NULL), (3, 'n3', NULL)",
  `CREATE USER reader@'%' IDENTIFIED BY '${PASSWORD}'`,
  "GRANT ALL ON shop.* TO reader@'%'",
];

async function startMariadb(port: number): Promise<Program> {
  const prepare = async (folder: string): Promise<void> => {
    await writeFile(join(folder, "setup.sql"), `${SETUP.join(";\n")};\n`);
    await writeFile(join(folder, "cert.pem"), pem.cert);
    await writeFile(join(folder, "key.pem"), pem.key);
    const args = ["--no-defaults", `--datadir=${folder}/data`, "--skip-test-db", "--user=root"];
    await promisify(execFile)(install ?? "", args);
  };
  const args = (folder: string) => [
    "--no-defaults",
    "--user=root",
    `--datadir=${folder}/data`,
    `--socket=${folder}/socket`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--init-file=${folder}/setup.sql`,
    `--ssl-cert=${folder}/cert.pem`,
    `--ssl-key=${folder}/key.pem`,
    "--innodb-flush-log-at-trx-commit=0",
  ];
  return startProgram(daemon ?? "", args, /ready for connections/, prepare);
}

const mariadb = install === undefined ? undefined : daemon;
describeAgainst(
  "mariadbd",
  mariadb,
  "scripts stand for it, in sql.int.test.ts",
)("against MariaDB", () => {
  let server: Program | undefined;
  let port = 0;
  beforeAll(async () => {
    port = await freePort();
    server = await startMariadb(port);
  });
  afterAll(() => server?.stop());

  const sql = (query: string, options: object = {}, assert: readonly object[] = []) => ({
    url: `mariadb://127.0.0.1:${port}/shop`,
    sql: { user: "reader", password: "${SENTINEL_SECRET_DB}", query, ...options },
    assert,
  });

  test.each([
    ["no rows are wanted and there are none", "SELECT id FROM orders WHERE id > 9", { subject: "rows", is: 0 }, ""],
    ["no rows are wanted and there are some", "SELECT id FROM orders", { subject: "rows", is: 0 }, "assertion"],
    ["a column by its name", "SELECT 7 AS a, 8.50 AS b", { subject: "value", of: "b", is: 8.5 }, ""],
    ["NULL is no value", "SELECT note FROM orders WHERE id = 2", { subject: "value", exists: false }, ""],
    ["the server's own text of a time", "SELECT at FROM orders", { subject: "value", is: "2026-01-02 03:04:05" }, ""],
    [
      "a number beyond what JavaScript counts",
      "SELECT 9007199254740993",
      { subject: "value", matches: "^9007199254740993$" },
      "",
    ],
  ])("%s", async (_what, query, assertion, reason) => {
    const result = await check(sql(query, {}, [assertion]));
    expect(result).toMatchObject({ verdict: reason === "" ? Verdict.HEALTHY : Verdict.DOWN, reason });
  });

  test("rows are read up to the cap", async () => {
    const result = await check(
      sql("SELECT seq FROM seq_1_to_1000000", { maxRows: 3 }, [{ subject: "rows", atMost: 3 }]),
    );
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "assertion" });
    expect(result.evidence?.requestLine).toContain("(cut after 3 rows)");
  });

  test.each([
    ["writes", "DELETE FROM orders", "query_read_only"],
    ["changes the schema", "DROP TABLE orders", "query_read_only"],
    ["says two things", "SELECT 1; DELETE FROM orders", "query_failed"],
    ["asks for a table that is not there", "SELECT 1 FROM never_heard_of", "query_failed"],
    ["runs too long", "SELECT SLEEP(60) FROM orders", "query_timeout"],
    ["asks for a file of this machine", "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE orders", "query_failed"],
  ])("is down when the query %s", async (_what, query, reason) => {
    const result = await check(sql(query), 1000);
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    const kept = await check(sql("SELECT count(*) FROM orders", {}, [{ subject: "value", is: 3 }]));
    expect(kept).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
  });

  test.each([
    ["a wrong password", { password: "${SENTINEL_SECRET_W}" }, "auth_refused"],
    ["no user", { user: null, password: null }, "auth_refused"],
  ])("is down with %s", async (_what, options, reason) => {
    const result = await check(sql("SELECT 1", options));
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    expect(JSON.stringify(result)).not.toMatch(/k3ep-it-secret|not-that-one/);
  });

  test("a database that is not there or not for this user is refused", async () => {
    const result = await check({ ...sql("SELECT 1"), url: `mysql://127.0.0.1:${port}/nowhere` });
    expect(result.verdict).toBe(Verdict.DOWN);
    expect(["database_missing", "auth_refused"]).toContain(result.reason);
  });

  test("says goodbye, so that the server counts no broken connection", async () => {
    const aborted = (assert: readonly object[]) => check(sql("SHOW STATUS LIKE 'Aborted_clients'", {}, assert));
    const shown = await aborted([{ subject: "value", of: "Value", matches: "^never$" }]);
    const before = shown.evidence?.params["actual"] ?? "";
    for (let each = 0; each < 3; each += 1) await check(sql("SELECT 1"));
    expect(await aborted([{ subject: "value", of: "Value", is: before }])).toMatchObject({ verdict: Verdict.HEALTHY });
  });

  test("secures the connection as the protocol does it, and judges the certificate", async () => {
    const own = "SHOW STATUS LIKE 'Ssl_version'";
    const options = { tls: { authorities: pem.cert } };
    const secured = await check(sql(own, options, [{ subject: "value", of: "Value", matches: "^TLSv1" }]));
    expect(secured).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(secured.phases?.tlsMs).toBeGreaterThan(0);
    const untrusted = await check(sql(own, { tls: {} }));
    expect(untrusted).toMatchObject({ verdict: Verdict.DOWN, reason: "tls_self_signed" });
  });
});
