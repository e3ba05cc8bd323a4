import type { MaintenanceWindow, MonitorSpec } from "../generated/sentinel/monitors/v1/monitors.ts";

/** Stands for every monitor among the names of a window. */
export const ALL_MONITORS = "*";

/** Whether a window is about this monitor: by its name, its group or one of its tags. */
export function covers(
  window: Pick<MaintenanceWindow, "monitors" | "groups" | "tags">,
  spec: Pick<MonitorSpec, "name" | "group" | "tags">,
): boolean {
  return (
    window.monitors.includes(ALL_MONITORS) ||
    window.monitors.includes(spec.name) ||
    (spec.group !== "" && window.groups.includes(spec.group)) ||
    spec.tags.some((tag) => window.tags.includes(tag))
  );
}
