import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Sentinel, until } from "../harness/sentinel.ts";
import { blackboxAbsent, blackboxCost, blackboxName } from "./blackbox.ts";
import { type Cost, type Figure, times, treeCpuMs, use } from "./report.ts";
import { type BenchTarget, startBenchTarget, yaml } from "./targets.ts";

/** CPU-ms per plain HTTP check at this rate: the prober alone, Sentinel with everything, and blackbox_exporter. */
export async function costAt(perSecond: number, forMs: number): Promise<readonly Figure[]> {
  const target = await startBenchTarget();
  try {
    const alone = await aloneCost(target, perSecond, forMs);
    const all = await sentinelCost(target, perSecond, forMs);
    const absent = blackboxAbsent();
    const rival = absent === undefined ? await blackboxCost(target, perSecond, forMs) : undefined;
    const against = rival === undefined ? (absent ?? "") : `${blackboxName()}, stores nothing: ${said(rival)}`;
    const ratio = ({ cpuMs }: Cost): string => (rival === undefined ? "–" : times(cpuMs / rival.cpuMs));
    return [
      {
        what: `CPU-ms per HTTP check at ${perSecond} checks/s, probing alone`,
        value: said(alone),
        against: `${against}; goal: ≤ 0.5×`,
        ratio: ratio(alone),
      },
      {
        what: `CPU-ms per HTTP check at ${perSecond} checks/s, all in: spooled, published, folded, stored`,
        value: `${said(all)} (Node ${all.nodeCpuMs.toFixed(2)}, PostgreSQL ${(all.cpuMs - all.nodeCpuMs).toFixed(2)})`,
        against: `${against}; goal: ≤ 1.0×`,
        ratio: ratio(all),
      },
    ];
  } finally {
    target.stop();
  }
}

/** With the rate that was kept: who falls behind works in larger batches, which are cheaper. */
const said = ({ cpuMs, perSecond }: Cost): string => `${cpuMs.toFixed(2)} at ${perSecond.toFixed(0)}/s`;

const warmed = async (target: BenchTarget, perSecond: number): Promise<void> => {
  const warm = target.answered() + 5 * perSecond;
  await until("the first rounds", () => (target.answered() >= warm ? true : undefined), 60_000);
};

async function aloneCost(target: BenchTarget, perSecond: number, forMs: number): Promise<Cost> {
  const program = join(import.meta.dirname, "probe-alone.ts");
  const child = spawn(process.execPath, [program, target.url, String(perSecond)], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    await warmed(target, perSecond);
    const pid = child.pid ?? 0;
    return await costOf(target, forMs, () => use(pid).cpuMs);
  } finally {
    child.stdin.end();
    await ended;
  }
}

async function sentinelCost(
  target: BenchTarget,
  perSecond: number,
  forMs: number,
): Promise<Cost & { readonly nodeCpuMs: number }> {
  const sentinel = await Sentinel.create({ config: yaml(target.url, perSecond, "every: 1s, timeout: 1s") });
  try {
    sentinel.start();
    await sentinel.ready();
    await warmed(target, perSecond);
    const pid = sentinel.pid ?? 0;
    const before = { node: use(pid).cpuMs, checks: target.answered() };
    const cost = await costOf(target, forMs, () => treeCpuMs(pid));
    return { ...cost, nodeCpuMs: (use(pid).cpuMs - before.node) / (target.answered() - before.checks) };
  } finally {
    await sentinel.remove();
  }
}

async function costOf(target: BenchTarget, forMs: number, cpuMs: () => number): Promise<Cost> {
  const before = { cpuMs: cpuMs(), checks: target.answered() };
  const from = performance.now();
  await sleep(forMs);
  const checks = target.answered() - before.checks;
  return { cpuMs: (cpuMs() - before.cpuMs) / checks, perSecond: (checks * 1000) / (performance.now() - from) };
}
