import { MonitorSpec, RepairMode } from "@sentinel/contracts";
import { parseMonitorInput, specView } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";

/**
 * A monitor as it came over the wire, held to the one schema; what is absent there, 0 or empty, takes its default.
 * @throws SentinelError `monitor_invalid` with every problem
 */
export function demandSpec(spec: MonitorSpec | undefined): MonitorSpec {
  const given = MonitorSpec.fromPartial(spec ?? {});
  const view = specView(given);
  const { repair } = given;
  const input = {
    name: view.name,
    endpoints: view.endpoints.map(({ url, headers, redirects, method, maxLatency, expect, ...options }) => ({
      ...whatIsSaid(options),
      url,
      headers,
      redirects,
      ...(method === "" ? {} : { method }),
      ...(maxLatency === null ? {} : { maxLatency }),
      expect: {
        ...(expect.status.length === 0 ? {} : { status: expect.status }),
        ...(expect.bodyContains === null ? {} : { bodyContains: expect.bodyContains }),
      },
    })),
    ...(given.everyMs === 0 ? {} : { every: view.every }),
    ...(given.timeoutMs === 0 ? {} : { timeout: view.timeout }),
    ...(given.failuresToConfirm === 0 ? {} : { failuresToConfirm: view.failuresToConfirm }),
    ...(given.successesToResolve === 0 ? {} : { successesToResolve: view.successesToResolve }),
    ...(given.slowAfterMs === 0 ? {} : { slowAfter: view.slowAfter }),
    ...(repair === undefined
      ? {}
      : {
          repair: {
            action: view.repair.action,
            ...(repair.mode === RepairMode.UNSPECIFIED ? {} : { mode: view.repair.mode }),
            ...(repair.patienceMs === 0 ? {} : { patience: view.repair.patience }),
            ...(repair.cooldownMs === 0 ? {} : { cooldown: view.repair.cooldown }),
            ...(repair.hourlyCap === 0 ? {} : { hourlyCap: view.repair.hourlyCap }),
          },
        }),
    group: view.group,
    tags: view.tags,
    dependsOn: view.dependsOn,
    slo: view.slo,
    nature: view.nature,
    ...(view.owner === null ? {} : { owner: view.owner }),
    paused: view.paused,
    notify: view.notify,
  };
  const parsed = parseMonitorInput(input);
  if (parsed.ok) return parsed.spec;
  throw new SentinelError("monitor_invalid", { count: String(parsed.problems.length) }, { problems: parsed.problems });
}

/** What is not empty, also inside: options of a kind of check that say nothing take their defaults. */
function whatIsSaid(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(options).map(
    ([key, value]) => [key, isRecord(value) ? whatIsSaid(value) : value] as const,
  );
  return Object.fromEntries(kept.filter(([, value]) => value !== null && value !== "" && value !== 0));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
