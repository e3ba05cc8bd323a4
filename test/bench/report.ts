import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

export interface Figure {
  readonly what: string;
  readonly value: string;
  /** The rival or limit measured in the same run. */
  readonly against: string;
}

export interface BenchOptions {
  /** Short: proves that it runs and prints; the figures mean little. */
  readonly smoke: boolean;
}

export type Bench = (options: BenchOptions) => Promise<readonly Figure[]>;

export function hardware(): string {
  const cpu = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpu.length} × ${cpu[0]?.model ?? "unknown CPU"}, ${gib} GiB, Linux ${execFileSync("uname", ["-r"], { encoding: "utf8" }).trim()}, Node ${process.version}`;
}

const TICKS_PER_SECOND = 100;

interface ProcessUse {
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** CPU time and resident memory of one process, from /proc. */
export function use(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i] ?? 0), 0);
  const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return { cpuMs: (ticks * 1000) / TICKS_PER_SECOND, rssBytes: Number(rss) * 1024 };
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

/** CPU of a process and of all below it; shared memory is counted once per process, so memory is not summed here. */
export function treeCpuMs(pid: number): number {
  return tree(pid).reduce((sum, each) => {
    try {
      return sum + use(each).cpuMs;
    } catch {
      return sum;
    }
  }, 0);
}

export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? Number.NaN;
}

export const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
