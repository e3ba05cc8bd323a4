import { Cron } from "croner";
import { remember } from "./lru.ts";
import { issue } from "./problem.ts";

const KEPT = 500;

interface Schedule {
  /** The first instant after this one; undefined when there is none any more. */
  next(afterMs: number): number | undefined;
}

type CompiledSchedule =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly issue: ReturnType<typeof issue> };

/**
 * Reads a cron expression of five fields, or six with seconds first, in a time zone of the IANA database. Where clocks
 * are set forward, a time that is skipped is due when the gap ends; where they are set back, a fixed time is due once.
 */
export function compileSchedule(expression: string, zone: string): CompiledSchedule {
  return compiled(`${zone} ${expression}`);
}

const compiled = remember(KEPT, (key: string): CompiledSchedule => {
  const at = key.indexOf(" ");
  return compile(key.slice(at + 1), key.slice(0, at));
});

function compile(expression: string, zone: string): CompiledSchedule {
  if (!isZone(zone)) return { ok: false, issue: issue("bad_time_zone", { value: zone.slice(0, 100) }) };
  try {
    const cron = new Cron(expression, { paused: true, timezone: zone, mode: "5-or-6-parts" });
    if (cron.nextRun(new Date(0)) === null) return { ok: false, issue: issue("cron_never", { value: expression }) };
    const next = (afterMs: number): number | undefined => cron.nextRun(new Date(afterMs))?.getTime();
    return { ok: true, schedule: { next } };
  } catch {
    return { ok: false, issue: issue("bad_cron", { value: expression.slice(0, 200) }) };
  }
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
