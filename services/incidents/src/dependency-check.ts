import type { MonitorSpec } from "@sentinel/contracts";
import { dependencyRings, unknownMonitors } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";

/**
 * Refuses what depends on nobody, or on itself in the end.
 * @param others monitors that live now; one of the same name is replaced
 * @throws SentinelError `monitor_invalid` with the problems
 */
export function demandDependencies(spec: MonitorSpec, others: readonly MonitorSpec[]): void {
  if (spec.dependsOn.length === 0) return;
  const all = [...others.filter(({ name }) => name !== spec.name), spec];
  const mine = `monitors.${spec.name}.`;
  const problems = [...unknownMonitors(all, []), ...dependencyRings(all)]
    .filter(({ path, code }) => path.startsWith(mine) || code === "dependency_ring")
    .map((problem) => ({
      ...problem,
      path: problem.path.startsWith(mine) ? problem.path.slice(mine.length) : "dependsOn",
    }));
  if (problems.length === 0) return;
  throw new SentinelError("monitor_invalid", { count: String(problems.length) }, { problems });
}
