import { spawn } from "node:child_process";
import { once } from "node:events";
import { Sentinel, until } from "../harness/sentinel.ts";
import { type Bench, mib, proportionalBytes, sumOver, times, tree, use } from "./report.ts";
import { startBenchTarget, yaml } from "./targets.ts";

const GOAL_BYTES = 300_000_000;

/** Resident memory with 1,000 monitors, after each has been checked three times; the floor is a Node that does nothing. */
export const memory: Bench = async ({ smoke }) => {
  const monitors = smoke ? 100 : 1000;
  const every = smoke ? "2s" : "30s";
  const target = await startBenchTarget();
  const sentinel = await Sentinel.create({ config: yaml(target.url, monitors, `every: ${every}, timeout: 1s`) });
  try {
    sentinel.start();
    await sentinel.ready();
    const wanted = 3 * monitors;
    await until("three rounds of all", () => (target.answered() >= wanted ? true : undefined), 180_000);
    const pid = sentinel.pid ?? 0;
    const own = use(pid).rssBytes;
    const postgres = sumOver(tree(pid).slice(1), proportionalBytes);
    const goal = smoke ? "" : `goal: ≤ ${mib(GOAL_BYTES)} (${times(own / GOAL_BYTES)}); `;
    const floor = await idleNodeBytes();
    return [
      {
        what: `resident memory with ${monitors} monitors every ${every}`,
        value: `${mib(own)} (PostgreSQL apart: ${mib(postgres)}, shared pages counted once)`,
        against: `${goal}a Node process that does nothing: ${mib(floor)}`,
        ratio: times(own / floor),
      },
    ];
  } finally {
    await sentinel.remove();
    target.stop();
  }
};

async function idleNodeBytes(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(child.stdout, "data");
    return use(child.pid ?? 0).rssBytes;
  } finally {
    child.kill();
  }
}
