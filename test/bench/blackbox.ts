import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@sentinel/testkit";
import { until } from "../harness/sentinel.ts";
import { type Cost, paced, use } from "./report.ts";
import type { BenchTarget } from "./targets.ts";

const BLACKBOX = "/usr/bin/prometheus-blackbox-exporter";

/** Installs Debian's package where it may; a sentence where there is none. */
export function blackboxAbsent(): string | undefined {
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

/** blackbox_exporter scraped over kept connections at this rate; it stores nothing. */
export async function blackboxCost(target: BenchTarget, perSecond: number, forMs: number): Promise<Cost> {
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
      const wanted = encodeURIComponent(`${target.url}/${next++ % perSecond}`);
      const asked = get(`${url}/probe?module=http&target=${wanted}`, { agent }, (response) => response.resume());
      // What it does not answer is not counted, as nothing came to the target.
      asked.on("error", () => undefined);
    };
    await paced(perSecond, 2000, scrape);
    const pid = child.pid ?? 0;
    const before = { cpuMs: use(pid).cpuMs, checks: target.answered() };
    const from = performance.now();
    await paced(perSecond, forMs, scrape);
    const checks = target.answered() - before.checks;
    return {
      cpuMs: (use(pid).cpuMs - before.cpuMs) / checks,
      perSecond: (checks * 1000) / (performance.now() - from),
    };
  } finally {
    agent.destroy();
    child.kill("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  }
}

export function blackboxName(): string {
  const { stdout, stderr } = spawnSync(BLACKBOX, ["--version"], { encoding: "utf8" });
  return `blackbox_exporter ${/version ([\d.]+)/.exec(stdout + stderr)?.[1] ?? "of unknown version"}`;
}
