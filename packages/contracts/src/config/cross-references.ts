import type { FieldProblem } from "../errors/index.ts";
import type { MaintenanceWindow, MonitorSpec } from "../generated/sentinel/monitors/v1/monitors.ts";
import { ALL_MONITORS } from "../maintenance/index.ts";
import { nearest } from "./problem.ts";

type Dependent = Pick<MonitorSpec, "name" | "dependsOn">;

/** Names of other monitors that nobody has. */
export function unknownMonitors(
  monitors: readonly Dependent[],
  windows: readonly Pick<MaintenanceWindow, "name" | "monitors">[],
): readonly FieldProblem[] {
  const known = monitors.map(({ name }) => name);
  const check = (path: string, names: readonly string[]): readonly FieldProblem[] =>
    names.flatMap((name, index) => {
      if (known.includes(name) || name === ALL_MONITORS) return [];
      const near = nearest(name, known);
      return near === undefined
        ? [{ path: `${path}.${index}`, code: "unknown_monitor", params: { name } }]
        : [{ path: `${path}.${index}`, code: "unknown_monitor_near", params: { name, near } }];
    });
  return [
    ...monitors.flatMap(({ name, dependsOn }) => check(`monitors.${name}.dependsOn`, dependsOn)),
    ...windows.flatMap(({ name, monitors: covered }) => check(`maintenance.${name}.monitors`, covered)),
  ];
}

/** Monitors that depend on themselves, over others or at once; each ring is told of once. */
export function dependencyRings(monitors: readonly Dependent[]): readonly FieldProblem[] {
  const rings: FieldProblem[] = [];
  const done = new Set<string>();
  const byName = new Map(monitors.map((each) => [each.name, each]));
  const visit = (name: string, way: readonly string[]): void => {
    const from = way.indexOf(name);
    if (from >= 0) {
      const ring = [...way.slice(from), name];
      const index = byName.get(way.at(-1) ?? "")?.dependsOn.indexOf(name) ?? 0;
      const path = `monitors.${way.at(-1) ?? ""}.dependsOn.${index}`;
      rings.push({ path, code: "dependency_ring", params: { ring: ring.join(" → ") } });
      return;
    }
    if (done.has(name)) return;
    for (const next of byName.get(name)?.dependsOn ?? []) visit(next, [...way, name]);
    done.add(name);
  };
  for (const { name } of monitors) visit(name, []);
  return rings;
}
