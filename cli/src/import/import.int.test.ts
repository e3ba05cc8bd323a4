import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseConfig } from "@sentinel/contracts/config";
import { runCli } from "../run-cli.ts";
import { createLedger, covers, leavesOf } from "./ledger.ts";
import { BLACKBOX, GATUS, KUMA, PROMETHEUS, ROBOT_CSV, ROBOT_JSON, TARGETS } from "./samples.ts";
import { isSourceName, SOURCES } from "./sources.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sentinel-import-"));
  const texts = {
    "gatus.yaml": GATUS,
    "blackbox.yml": BLACKBOX,
    "prometheus.yml": PROMETHEUS,
    "targets.json": TARGETS,
    "robot.json": ROBOT_JSON,
    "robot.csv": ROBOT_CSV,
    "broken.yaml": "endpoints: [",
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(at(name), text);
  const database = new DatabaseSync(at("kuma.db"));
  database.exec(KUMA);
  database.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(args: readonly string[], lang = "en") {
  let out = "";
  let err = "";
  const code = await runCli(["import", ...args, "--lang", lang], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    drained: () => Promise.resolve(),
    env: {},
    cwd: folder,
    now: () => 0,
  });
  return { code, out, err };
}

const CASES: readonly (readonly [string, readonly string[], number])[] = [
  ["gatus", ["gatus.yaml"], 5],
  ["blackbox", ["blackbox.yml", "prometheus.yml", "targets.json"], 5],
  ["uptime-kuma", ["kuma.db"], 6],
  ["uptimerobot", ["robot.json", "robot.csv"], 5],
];

test.each(CASES)("%s %j: every key of the input is in exactly one of the three lists", async (source, names) => {
  if (!isSourceName(source)) throw new Error("no such source");
  const ledger = createLedger();
  const { input } = await SOURCES[source](names.map(at), ledger);
  const { notes } = ledger.close(input);
  const leaves = leavesOf(input);
  expect(leaves.length).toBeGreaterThan(20);
  for (const leaf of leaves) {
    const kinds = new Set(notes.filter(({ path }) => covers(path, leaf)).map(({ kind }) => kind));
    expect([leaf, ...kinds]).toHaveLength(2);
  }
});

test.each(CASES)(
  "%s %j: what is written is read by our own parser, and holds no secret",
  async (source, names, count) => {
    const { code, out, err } = await run([source, ...names.map(at)]);
    expect(code).toBe(0);
    const parsed = parseConfig(out, { file: "sentinel.yaml", env: {} });
    expect(parsed.ok ? parsed.config.monitors.length : parsed.problems).toBe(count);
    expect(out + err).not.toContain("hush-");
    expect(err).toContain("SENTINEL_SECRET_");
    expect(err).not.toMatch(/import\.|\{\w+\}/);
  },
);

test.each(CASES)("%s %j is told in French as well", async (source, names) => {
  const { err } = await run([source, ...names.map(at)], "fr");
  expect(err).toMatch(/^Repris \(\d+\)\u202f:/);
  expect(err).toContain("Non repris (");
  expect(err).not.toMatch(/import\.|\{\w+\}/);
});

test("Gatus: conditions become assertions, and what cannot be is said", async () => {
  const { out, err } = await run(["gatus", at("gatus.yaml")]);
  const parsed = parseConfig(out, { file: "", env: {} });
  if (!parsed.ok) throw new Error("not read");
  const [shop] = parsed.config.monitors;
  expect(shop).toMatchObject({
    name: "shop",
    everyMs: 30_000,
    timeoutMs: 5000,
    failuresToConfirm: 5,
    successesToResolve: 2,
    tags: ["core"],
  });
  const [endpoint, domain] = shop?.endpoints ?? [];
  expect(endpoint).toMatchObject({
    url: "https://shop.example.org/health",
    method: "POST",
    expectStatus: [200, 429],
    maxRedirects: 0,
  });
  expect(
    endpoint?.assertions.map(({ subject, of, comparison, values }) => [subject, of, comparison, ...values]),
  ).toEqual([
    ["latency", "", "below", "500"],
    ["json", "$.status", "is", "UP"],
    ["json", "$.items[0].n", "above", "5"],
    ["body", "", "matches", "(?s)^(?:.*ok.*)$"],
    ["json", "$.errors", "exists_not"],
    ["certificate_days", "", "at_least", "3"],
  ]);
  expect(domain?.url).toBe("domain://shop.example.org");
  expect(err).toContain("endpoints.0.conditions.4: the length of a value cannot be asserted");
  expect(err).toContain("endpoints.5: the monitor would not be accepted.");
});

test("Uptime Kuma: retries, tags, groups and pauses keep their meaning", async () => {
  const { out, err } = await run(["uptime-kuma", at("kuma.db")]);
  const parsed = parseConfig(out, { file: "", env: {} });
  if (!parsed.ok) throw new Error("not read");
  const byName = new Map(parsed.config.monitors.map((each) => [each.name, each]));
  expect(byName.get("Shop")).toMatchObject({ failuresToConfirm: 3, tags: ["team:shop", "Core"], timeoutMs: 48_000 });
  expect(byName.get("SSH")).toMatchObject({ paused: true, endpoints: [{ url: "tcp://host.example.org:22" }] });
  expect(byName.get("DNS")?.endpoints[0]?.url).toBe("dns://1.1.1.1/example.org");
  expect(byName.get("DB")?.endpoints[0]?.url).toBe("postgres://db.example.org:5432/shop");
  expect(err).toContain("monitor.7: a check cannot expect failure");
  expect(err).toContain("tables.heartbeat: results of the past stay behind (2 rows)");
  expect(err).toContain("monitor.2.brand_new: not known to this importer");
});

test("UptimeRobot: a word that alerts when it is there becomes one that must not be", async () => {
  const { out } = await run(["uptimerobot", at("robot.json"), at("robot.csv")]);
  const parsed = parseConfig(out, { file: "", env: {} });
  if (!parsed.ok) throw new Error("not read");
  const assertions = new Map(parsed.config.monitors.map((each) => [each.name, each.endpoints[0]?.assertions[0]]));
  expect(assertions.get("Shop")).toMatchObject({ comparison: "matches", values: ["(?i)Welcome"] });
  expect(assertions.get("News")).toMatchObject({ comparison: "contains_not", values: ["Error 500"] });
  expect([...assertions.keys()]).toContain('Blog, the "old" one');
});

test("the file is written once, and never over another", async () => {
  const file = at("sentinel.yaml");
  expect(await run(["gatus", at("gatus.yaml"), "--write", file])).toMatchObject({ code: 0, out: "" });
  const written = await readFile(file, "utf8");
  const again = await run(["uptimerobot", at("robot.csv"), "--write", file]);
  expect(again).toMatchObject({ code: 1 });
  expect(again.err).toContain("exists and is left as it is");
  expect(await readFile(file, "utf8")).toBe(written);
});

test.each([
  [["gatus"], 2, "FILE"],
  [["nagios", "x"], 2, "nagios"],
  [["gatus", "broken.yaml"], 1, "could not be read as YAML"],
  [["uptime-kuma", "gatus.yaml"], 1, "could not be read as SQLite"],
  [["gatus", "none.yaml"], 1, "none.yaml"],
] as const)("import %j ends with %s and says why", async ([source, ...names], code, said) => {
  const result = await run([source, ...names.map(at)]);
  expect(result.code).toBe(code);
  expect(result.err).toContain(said);
});
