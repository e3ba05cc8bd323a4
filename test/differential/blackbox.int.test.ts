import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "@sentinel/service-kit";
import { findProgram } from "@sentinel/testkit";
import { CASES, nameOf } from "./cases.ts";
import { DEVIATIONS, isDeliberate } from "./deviations.ts";
import { type Exporter, startBoth } from "./exporters.ts";
import { differences, scrape } from "./exposition.ts";
import { startTargets, type Targets } from "./targets.ts";

const NAME = "prometheus-blackbox-exporter";
const program = findProgram(NAME);
if (program === undefined) process.stdout.write(`skipped: ${NAME} is not installed (apt-get install ${NAME})\n`);
const compared = program === undefined ? describe.skip : describe;

compared("beside blackbox_exporter", () => {
  let targets: Targets;
  let theirs: Exporter;
  let ours: Exporter;

  beforeAll(async () => {
    targets = await startTargets(systemClock.now());
    ({ theirs, ours } = await startBoth(program ?? "", targets.root));
  });

  afterAll(async () => {
    await Promise.all([theirs.stop(), ours.stop()]);
    await targets.stop();
  });

  const withPorts = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(targets.port(name)));

  test.each(CASES.map((each) => [nameOf(each), each] as const))(
    "%s: the same, or a difference meant",
    async (name, one) => {
      const query = `module=${one.module}&target=${encodeURIComponent(withPorts(one.target))}${one.extra ?? ""}`;
      const [them, us] = await Promise.all([scrape(theirs.base, query), scrape(ours.base, query)]);
      const found = differences(them, us);
      expect(found.filter((each) => !isDeliberate(name, each))).toEqual([]);
      const meant = DEVIATIONS.some(({ shows }) => shows?.cases.includes(name));
      // A difference that is no more must leave the table.
      expect(found.some(({ series }) => !series.startsWith("sentinel_"))).toBe(meant);
      const reasons = [...us.series.keys()].filter((series) => series.startsWith("sentinel_probe_reason_info{"));
      expect(reasons).toHaveLength(us.status === 200 && us.series.get("probe_success") === 0 ? 1 : 0);
    },
  );

  test.each(["", "10", "3", "1.1", "0.5", "0.4", "0.2", "0", "-1", "abc"])(
    "a scrape that waits “%s” seconds gives both the same time",
    async (seconds) => {
      const query = `module=tcp&debug=true&target=127.0.0.1:${targets.port("web")}`;
      const headers: Record<string, string> = seconds === "" ? {} : { "x-prometheus-scrape-timeout-seconds": seconds };
      const ask = async ({ base }: Exporter): Promise<string> => {
        const answer = await fetch(`${base}/probe?${query}`, { headers });
        const [, given] = /timeout_seconds="?([\d.]+)/.exec(await answer.text()) ?? [];
        return `${answer.status} ${given === undefined ? "none" : Number(given).toFixed(6)}`;
      };
      expect(await ask(ours)).toBe(await ask(theirs));
    },
  );
});

test("at least sixty targets are compared, none of them twice under one name", () => {
  const differing = new Set(CASES.map(nameOf));
  expect(differing.size).toBe(CASES.length);
  expect(CASES.length).toBeGreaterThanOrEqual(60);
  const shown = DEVIATIONS.flatMap(({ shows }) => shows?.cases ?? []);
  expect(shown.filter((name) => !differing.has(name))).toEqual([]);
});

test("the table of differences in the documents is the one that the comparison allows", async () => {
  const text = await readFile(new URL("../../docs/prometheus.md", import.meta.url), "utf8");
  const [, table = ""] = /<!-- differences -->\n([^]*?)<!-- end of differences -->/.exec(text) ?? [];
  const rows = table
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(rows).toEqual(DEVIATIONS.map(({ what, theirs, ours, why }) => [what, theirs, ours, why]));
});
