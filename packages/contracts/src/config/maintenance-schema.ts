import { z } from "zod";
import type { FieldProblem } from "../errors/index.ts";
import { MaintenanceWindow } from "../generated/sentinel/monitors/v1/monitors.ts";
import { isZone, parseRecurrence, parseWall, writtenOut } from "../maintenance/index.ts";
import { writeDuration } from "./duration.ts";
import { issue, problemsOf } from "./problem.ts";
import { duration } from "./duration-field.ts";

const DAY_MS = 86_400_000;
const text = (max: number) => z.string().trim().min(1).max(max);
const names = z.array(text(80)).max(200).default([]);

const refused = (context: z.core.$RefinementCtx, code: string, params: Readonly<Record<string, string>>): void =>
  context.addIssue({ code: "custom", ...issue(code, params) });

const starts = z
  .string()
  .meta({ examples: ["2026-03-01T02:00"] })
  .superRefine((value, context) => {
    if (parseWall(value) === undefined) refused(context, "bad_wall_time", { value });
  });

const zone = z.string().superRefine((value, context) => {
  if (!isZone(value)) refused(context, "unknown_zone", { value });
});

/** "daily", "weekly", "monthly", "yearly" or a rule of RFC 5545. */
const repeat = z
  .string()
  .max(500)
  .meta({ examples: ["weekly", "FREQ=MONTHLY;BYDAY=1SU"] })
  .transform((value, context) => {
    const rule = writtenOut(value);
    const parsed = parseRecurrence(rule);
    if (!parsed.ok) refused(context, "bad_recurrence", { value, part: parsed.part });
    return rule;
  });

const shape = {
  starts,
  duration: duration(60_000, 31 * DAY_MS),
  zone: zone.default("UTC"),
  repeat: repeat.nullish(),
  monitors: names,
  groups: names,
  tags: names,
  reason: text(200).nullish(),
};

type Targets = {
  readonly monitors: readonly string[];
  readonly groups: readonly string[];
  readonly tags: readonly string[];
};

function saysWhom(given: Targets, context: z.core.$RefinementCtx): void {
  if (given.monitors.length + given.groups.length + given.tags.length > 0) return;
  refused(context, "maintenance_covers_nothing", {});
}

/** A window under its name in `sentinel.yaml`. */
export const maintenanceBody = z.strictObject(shape).superRefine(saysWhom);
/** The same as one object, as REST takes it; without `starts` it begins at once. */
export const maintenanceInput = z
  .strictObject({ name: text(80), ...shape, starts: starts.optional() })
  .superRefine(saysWhom);

const KEYS = ["name", ...Object.keys(shape)];

export type ParsedMaintenance =
  | { readonly ok: true; readonly window: MaintenanceWindow }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/**
 * Reads a window in its authoring form.
 * @param now what the clock on the wall of a zone shows now, such as "2026-03-01T02:00", for one that begins at once
 */
export function parseMaintenanceInput(value: unknown, now: (zone: string) => string): ParsedMaintenance {
  const parsed = maintenanceInput.safeParse(value, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, [], () => KEYS) };
  const { name, starts: given, ...rest } = parsed.data;
  return { ok: true, window: toWindow(name, { ...rest, starts: given ?? now(rest.zone) }) };
}

/** Reads a window of `sentinel.yaml`. */
export function parseMaintenanceBody(value: unknown, name: string): ParsedMaintenance {
  const parsed = maintenanceBody.safeParse(value, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, ["maintenance", name], () => KEYS) };
  return { ok: true, window: toWindow(name, parsed.data) };
}

function toWindow(name: string, input: z.output<typeof maintenanceBody>): MaintenanceWindow {
  const { starts: first, zone: where, duration: durationMs, repeat: rule, monitors, groups, tags, reason } = input;
  return MaintenanceWindow.fromPartial({
    name,
    starts: first,
    zone: where,
    durationMs,
    rule: rule ?? "",
    monitors,
    groups,
    tags,
    reason: reason ?? "",
  });
}

/** A window back in its authoring form. */
export const maintenanceSpecView = (window: MaintenanceWindow) => ({
  name: window.name,
  starts: window.starts,
  duration: writeDuration(window.durationMs),
  zone: window.zone,
  repeat: window.rule === "" ? null : window.rule,
  monitors: window.monitors,
  groups: window.groups,
  tags: window.tags,
  reason: window.reason === "" ? null : window.reason,
});
