import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@sentinel/testkit";
import { Sentinel, until } from "../harness/sentinel.ts";
import { type Bench, paced, times, treeCpuMs, use } from "./report.ts";
import { type BenchTarget, startBenchTarget, yaml } from "./targets.ts";

const BLACKBOX = "/usr/bin/prometheus-blackbox-exporter";
const RATE = 100;

interface Cost {
  readonly cpuMs: number;
  readonly perSecond: number;
}

/**
 * CPU-ms per plain HTTP check: Sentinel with everything (probe, spool, bus, fold, PostgreSQL), then blackbox_exporter,
 * which stores nothing, scraped at the same rate on the same target.
 */
export const checkCost: Bench = async ({ smoke }) => {
  const forMs = smoke ? 5000 : 60_000;
  const target = await startBenchTarget();
  try {
    const ours = await sentinelCost(target, forMs);
    const theirs = await blackboxCost(target, forMs);
    return [
      {
        what: `CPU-ms per HTTP check, all in, at ${ours.perSecond.toFixed(0)} checks/s`,
        value: `${ours.cpuMs.toFixed(2)} (Node ${ours.nodeCpuMs.toFixed(2)}, PostgreSQL ${(ours.cpuMs - ours.nodeCpuMs).toFixed(2)})`,
        against:
          typeof theirs === "string"
            ? theirs
            : `${theirs.name}, probe only, stores nothing: ${theirs.cpuMs.toFixed(2)} at ${theirs.perSecond.toFixed(0)} checks/s`,
        ratio: typeof theirs === "string" ? "–" : times(ours.cpuMs / theirs.cpuMs),
      },
    ];
  } finally {
    target.stop();
  }
};

async function sentinelCost(target: BenchTarget, forMs: number): Promise<Cost & { readonly nodeCpuMs: number }> {
  const sentinel = await Sentinel.create({ config: yaml(target.url, RATE, "every: 1s, timeout: 1s") });
  try {
    sentinel.start();
    await sentinel.ready();
    // Past the start itself: every monitor has been checked a few times.
    const warm = target.answered() + 5 * RATE;
    await until("the first rounds", () => (target.answered() >= warm ? true : undefined), 60_000);
    const pid = sentinel.pid ?? 0;
    const before = { all: treeCpuMs(pid), node: use(pid).cpuMs, checks: target.answered() };
    const from = performance.now();
    await sleep(forMs);
    const checks = target.answered() - before.checks;
    return {
      cpuMs: (treeCpuMs(pid) - before.all) / checks,
      nodeCpuMs: (use(pid).cpuMs - before.node) / checks,
      perSecond: (checks * 1000) / (performance.now() - from),
    };
  } finally {
    await sentinel.remove();
  }
}

/** Installs Debian's package where it may; a sentence where there is none. */
function ensureBlackbox(): string | undefined {
  const apt = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  if (!existsSync(BLACKBOX) && apt) {
    const install = ["install", "-y", "-qq", "--no-install-recommends", "prometheus-blackbox-exporter"];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const run = (args: readonly string[]): boolean =>
      spawnSync("apt-get", args, { stdio: "ignore", env, timeout: 120_000 }).status === 0;
    if (!run(install) && run(["update", "-qq"])) run(install);
  }
  return existsSync(BLACKBOX)
    ? undefined
    : `blackbox_exporter is not on this machine${apt ? " and apt-get could not install it" : ""} (Debian: apt-get install prometheus-blackbox-exporter)`;
}

async function blackboxCost(target: BenchTarget, forMs: number): Promise<string | (Cost & { readonly name: string })> {
  const absent = ensureBlackbox();
  if (absent !== undefined) return absent;
  const folder = await mkdtemp(join(tmpdir(), "sentinel-blackbox-"));
  const config = join(folder, "blackbox.yml");
  await writeFile(config, "modules: {http: {prober: http, timeout: 1s, http: {preferred_ip_protocol: ip4}}}\n");
  const port = await freePort();
  const child = spawn(BLACKBOX, [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: "ignore",
  });
  const agent = new Agent({ keepAlive: true });
  try {
    const url = `http://127.0.0.1:${port}`;
    await until("blackbox_exporter", async () => ((await fetch(url)).ok ? true : undefined), 10_000);
    let next = 0;
    const scrape = (): void => {
      const wanted = encodeURIComponent(`${target.url}/${next++ % RATE}`);
      get(`${url}/probe?module=http&target=${wanted}`, { agent }, (response) => response.resume());
    };
    await paced(RATE, 2000, scrape);
    const pid = child.pid ?? 0;
    const before = { cpuMs: use(pid).cpuMs, checks: target.answered() };
    const from = performance.now();
    await paced(RATE, forMs, scrape);
    const checks = target.answered() - before.checks;
    const spent = use(pid).cpuMs - before.cpuMs;
    return {
      name: blackboxName(),
      cpuMs: spent / checks,
      perSecond: (checks * 1000) / (performance.now() - from),
    };
  } finally {
    agent.destroy();
    child.kill("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  }
}

function blackboxName(): string {
  const { stdout, stderr } = spawnSync(BLACKBOX, ["--version"], { encoding: "utf8" });
  return `blackbox_exporter ${/version ([\d.]+)/.exec(stdout + stderr)?.[1] ?? "of unknown version"}`;
}
