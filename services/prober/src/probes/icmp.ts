import { execFile } from "node:child_process";
import { type IcmpCheck, Verdict } from "@sentinel/contracts";
import { lossReason, type PingOutput, readPing } from "../core/ping-output.ts";
import { type See, Unchecked } from "./probe.ts";
import { whereTo } from "./where-to.ts";

const MAX_INTERVAL_MS = 200;
/** Others than root may not ask more often. */
const MIN_INTERVAL_MS = 2;
const SUMMARY_MS = 20;
const KILLED_AFTER_MS = 500;

/** @param program Debian's `ping`, by name or path: it may open the sockets that this process may not. */
export const createSeeIcmp =
  (program: string): See<"icmp"> =>
  async (check, request) => {
    const { deps, signal } = request;
    const where = whereTo(request);
    const { ipFamily } = check;
    const { value: address, facts } = await deps.egress.address(
      ipFamily === 4 || ipFamily === 6 ? { ...where, ipFamily } : where,
    );
    const from = deps.clock.monotonic();
    const remainingMs = Math.max(1, Math.floor(where.timeoutMs - facts.phases.dnsMs));
    const output = await runPing(program, argumentsFor(check, address, remainingMs), remainingMs, signal);
    const lost = output.received === 0;
    const waitedMs = lost || output.rttMs === undefined ? deps.clock.monotonic() - from : output.rttMs;
    const loss = lost ? lossReason(where.host, output) : undefined;
    const seen = { loss: String(output.lossPercent), rtt: output.rttMs?.toString() };
    return {
      facts: {
        ...facts,
        remoteAddress: address,
        phases: { ...facts.phases, firstByteMs: waitedMs },
        addressesTried: [{ address, port: 0, outcome: loss?.reason ?? "", durationMs: waitedMs }],
      },
      look: (subject, of) => {
        const value = subject !== "value" ? undefined : of === "loss" ? seen.loss : of === "rtt" ? seen.rtt : undefined;
        return value === undefined ? undefined : [value];
      },
      ...(loss === undefined ? {} : { judgement: { verdict: Verdict.DOWN, ...loss } }),
      requestLine: `ping ${check.count} × ${check.sizeBytes} bytes to ${where.host} (${address})`,
    };
  };

export const seeIcmp = createSeeIcmp("ping");

function argumentsFor({ count, sizeBytes }: IcmpCheck, address: string, remainingMs: number): readonly string[] {
  const intervalMs = Math.max(MIN_INTERVAL_MS, Math.min(MAX_INTERVAL_MS, Math.floor(remainingMs / (2 * count))));
  const waitMs = Math.max(MIN_INTERVAL_MS, remainingMs - (count - 1) * intervalMs - SUMMARY_MS);
  const seconds = (ms: number): string => String(ms / 1000);
  const timing = ["-c", String(count), "-i", seconds(intervalMs), "-W", seconds(waitMs)];
  return ["-n", ...timing, "-s", String(sizeBytes), address];
}

/** Interrupted when its time is over, `ping` still prints what it has. @throws Unchecked when it did not run */
export function runPing(
  program: string,
  parameters: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PingOutput> {
  const { PATH = "/usr/bin:/bin" } = process.env;
  const options = { signal, env: { PATH, LC_ALL: "C" } } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, parameters, options, (error, stdout, stderr) => {
      for (const timer of timers) clearTimeout(timer);
      const output = readPing(stdout);
      if (output === undefined) reject(notRun(error, stderr));
      else resolve(output);
    });
    // Its own time limit makes execFile drop what is printed after it.
    const timers = [
      setTimeout(() => child.kill("SIGINT"), timeoutMs),
      setTimeout(() => child.kill("SIGKILL"), timeoutMs + KILLED_AFTER_MS),
    ];
  });
}

const NOT_ALLOWED = /not permitted|permission denied|cap_net_raw/i;

function notRun(error: unknown, stderr: string): Unchecked {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const detail = (stderr.split("\n")[0] ?? "").slice(0, 200) || code;
  if (code === "ENOENT") return new Unchecked("ping_missing");
  if (code === "EPERM" || code === "EACCES" || NOT_ALLOWED.test(stderr)) {
    return new Unchecked("ping_not_allowed", { detail });
  }
  return new Unchecked("ping_failed", { detail });
}
