// `npm run test:honest`: a hundred healthy monitors while something of ours goes wrong. None may be told to be down; beside
// them real outages, which must be. As root it makes a network of its own, so that routes and firewalls can be tried.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Verdict } from "@sentinel/contracts";
import { type Fault, FAULTS } from "./faults.ts";
import { EVERY_MS, pause, Stage, type Told, tool } from "./stage.ts";

const INSIDE = "--inside";
const { values } = parseArgs({
  options: {
    inside: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    short: { type: "boolean", default: false },
  },
});
/** One of each kind of trouble, which every change is tried with. */
const SHORT: ReadonlySet<string> = new Set([
  "resolver denies every third question",
  "resolver leads all names to a page that refuses",
  "event loop blocked for 5 s",
  "descriptors exhausted",
  "no route",
  "proxy answers with an error",
]);
const isWanted = ({ name }: Fault): boolean => (values.short ? SHORT.has(name) : name.includes(values.only));
const canUnshare = spawnSync("unshare", ["-nm", "nft", "list", "tables"]).status === 0;
process.exitCode = canUnshare && !values.inside ? runInside() : await run(values.inside);

function runInside(): number {
  const args = ["-nm", process.execPath, "--no-warnings", import.meta.filename, INSIDE, ...process.argv.slice(2)];
  return spawnSync("unshare", args, { stdio: "inherit" }).status ?? 1;
}

async function run(inside: boolean): Promise<number> {
  const base = inside ? "10.77.1." : "127.0.1.";
  if (inside) {
    tool("ip", "link", "set", "lo", "up");
    tool("ip", "route", "add", "local", `${base}0/24`, "dev", "lo");
    tool("ip", "link", "add", "card0", "type", "veth", "peer", "name", "card1");
    for (const card of ["card0", "card1"]) tool("ip", "link", "set", card, "up");
    tool("ip", "addr", "add", "10.78.0.1/24", "dev", "card0");
  }
  const scratch = mkdtempSync(join(tmpdir(), "honest-"));
  const stage = new Stage(base);
  let passed = 0;
  let failed = 0;
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const count = (isWell: boolean, name: string, what: string): void => {
    if (isWell) passed += 1;
    else failed += 1;
    say(`${isWell ? "  " : "! "}${name.padEnd(58)} ${what}`);
  };
  await stage.open();
  try {
    await stage.startProber();
    await stage.until(Verdict.HEALTHY, 0, stage.ids);
    for (const fault of FAULTS.filter(isWanted)) {
      if (fault.inOwnNetwork === true && !inside) {
        say(`  ${fault.name.padEnd(58)} not tried: it takes root, unshare and nft to make a network of its own`);
        continue;
      }
      const { isWell, what } = await suffer(stage, fault, scratch);
      count(isWell, fault.name, what);
    }
    if (values.only === "" && !values.short) await controls(stage, count);
  } finally {
    await stage.close();
    rmSync(scratch, { recursive: true, force: true });
  }
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function suffer(stage: Stage, fault: Fault, scratch: string) {
  let since = stage.told.length;
  if (fault.prober !== undefined) {
    await stage.startProber(fault.prober(scratch));
    if (fault.name.startsWith("clock")) await pause(EVERY_MS);
    else await stage.until(Verdict.HEALTHY, since, stage.ids);
  }
  since = fault.name.startsWith("clock 400") ? since : stage.told.length;
  const fromMs = performance.now();
  await fault.begin(stage);
  const leftMs = (fault.lastsMs ?? 1.5 * EVERY_MS) - (performance.now() - fromMs);
  await pause(Math.max(0, leftMs));
  await fault.end?.(stage);
  const lifted = stage.told.length;
  if (fault.prober !== undefined) await stage.startProber();
  const isBack = await stage.until(Verdict.HEALTHY, lifted, stage.ids);
  const told = stage.told.slice(since);
  const of = (...verdicts: readonly Verdict[]) => told.filter(({ verdict }) => verdicts.includes(verdict));
  const [bad, odd] = [of(Verdict.DOWN, Verdict.DEGRADED), of(Verdict.UNKNOWN, Verdict.MISSED)];
  const isWell = bad.length === 0 && isBack && (!fault.isFelt || odd.length > 0);
  const what = `${told.length} rounds, ${odd.length} unknown ${reasonsOf(odd)}, ${bad.length} down ${reasonsOf(bad)}${isBack ? "" : ", not back"}`;
  return { isWell, what };
}

function reasonsOf(told: readonly Told[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of told) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts.size === 0 ? "" : `(${[...counts].map(([reason, n]) => `${reason} ${n}`).join(", ")})`;
}

/** Outages that are real, which must not be excused. */
async function controls(stage: Stage, count: (isWell: boolean, name: string, what: string) => void): Promise<void> {
  const outage = async (name: string, ids: readonly string[], begin: () => unknown, end: () => unknown) => {
    const since = stage.told.length;
    await begin();
    const isSeen = await stage.until(Verdict.DOWN, since, ids, 25_000);
    await end();
    await stage.until(Verdict.HEALTHY, stage.told.length, stage.ids);
    const told = stage.told.slice(since).filter(({ verdict }) => verdict === Verdict.DOWN);
    const others = told.filter(({ monitorId }) => !ids.includes(monitorId));
    const seen = new Set(told.map(({ monitorId }) => monitorId)).size - new Set(others.map((o) => o.monitorId)).size;
    const what = `${seen} of ${ids.length} told to be down ${reasonsOf(told)}, ${others.length} others`;
    count(isSeen && others.length === 0, `really: ${name}`, what);
  };
  const closed = (ids: readonly string[]) => async () => {
    for (const id of ids) await stage.closeTarget(id);
  };
  const opened = (ids: readonly string[]) => async () => {
    for (const id of ids) await stage.listen(id);
  };
  const one = ["mon_60"];
  const half = stage.ids.filter((_, index) => index % 2 === 0 && (index < 90 || index > 94));
  await outage("one monitor down", one, closed(one), opened(one));
  await outage("half of the monitors down", half, closed(half), opened(half));
  await outage(
    "one name gone",
    ["mon_3"],
    () => {
      stage.lie = (name) => (name === "m3.shop.test" ? "nxdomain" : stage.truth(name));
    },
    () => {
      stage.lie = undefined;
    },
  );
  await outage(
    "errors answered while the resolver is dead",
    one,
    () => {
      stage.broken.add("mon_60");
      stage.lie = () => "silence";
    },
    () => {
      stage.broken.clear();
      stage.lie = undefined;
    },
  );
}
