import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sentinel, freePort, until } from "../harness/sentinel.ts";
import { type Bench, treeCpuMs, use } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

const BLACKBOX = "/usr/bin/prometheus-blackbox-exporter";

/** CPU-ms per plain HTTP check: Sentinel with everything (probe, spool, bus, fold, PostgreSQL) against blackbox_exporter. */
export const checkCost: Bench = async ({ smoke }) => {
  const rate = 100;
  const forMs = smoke ? 6000 : 30_000;
  const ours = await sentinelCost(rate, forMs);
  const theirs = await blackboxCost(rate, forMs);
  return [
    {
      what: `CPU-ms per HTTP check, all in, at ${ours.perSecond.toFixed(0)}/s`,
      value: `${ours.cpuMs.toFixed(2)} (of it in the Node process ${ours.nodeCpuMs.toFixed(2)})`,
      against: theirs,
    },
  ];
};

async function sentinelCost(
  rate: number,
  forMs: number,
): Promise<{ cpuMs: number; nodeCpuMs: number; perSecond: number }> {
  const target = await startBenchTarget();
  const sentinel = await Sentinel.create({ config: yaml(target.url, rate, "every: 1s, timeout: 1s") });
  try {
    sentinel.start();
    await sentinel.ready();
    await sleep(3000);
    const pid = sentinel.pid ?? 0;
    const before = { all: treeCpuMs(pid), node: use(pid).cpuMs, checks: target.answered() };
    await sleep(forMs);
    const checks = target.answered() - before.checks;
    return {
      cpuMs: (treeCpuMs(pid) - before.all) / checks,
      nodeCpuMs: (use(pid).cpuMs - before.node) / checks,
      perSecond: (checks * 1000) / forMs,
    };
  } finally {
    await sentinel.remove();
    target.stop();
  }
}

async function blackboxCost(rate: number, forMs: number): Promise<string> {
  if (!existsSync(BLACKBOX) && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    spawnSync("apt-get", ["install", "-y", "-qq", "prometheus-blackbox-exporter"], { stdio: "ignore" });
  }
  if (!existsSync(BLACKBOX))
    return "blackbox_exporter: not here (Debian: apt-get install prometheus-blackbox-exporter)";
  const folder = await mkdtemp(join(tmpdir(), "blackbox-"));
  const config = join(folder, "bbe.yml");
  await writeFile(
    config,
    "modules:\n  http:\n    prober: http\n    timeout: 5s\n    http: {preferred_ip_protocol: ip4}\n",
  );
  const port = await freePort();
  const target = await startBenchTarget();
  const child = spawn(BLACKBOX, [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: "ignore",
  });
  try {
    await until(
      "blackbox_exporter",
      async () => ((await fetch(`http://127.0.0.1:${port}/`)).ok ? true : undefined),
      10_000,
    );
    const pid = child.pid ?? 0;
    const cpuBefore = use(pid).cpuMs;
    const checksBefore = target.answered();
    const until_ = performance.now() + forMs;
    while (performance.now() < until_) {
      get(`http://127.0.0.1:${port}/probe?module=http&target=${encodeURIComponent(`${target.url}/x`)}`, (r) =>
        r.resume(),
      );
      await sleep(1000 / rate);
    }
    const checks = target.answered() - checksBefore;
    const version = spawnSync(BLACKBOX, ["--version"], { encoding: "utf8" });
    const name = /version ([\d.]+)/.exec(version.stdout + version.stderr)?.[1] ?? "?";
    return `blackbox_exporter ${name}, probe only, stores nothing: ${((use(pid).cpuMs - cpuBefore) / checks).toFixed(2)} at ${((checks * 1000) / forMs).toFixed(0)}/s`;
  } finally {
    child.kill("SIGTERM");
    target.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
