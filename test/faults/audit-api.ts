import type { CheckView, IncidentView, MonitorView, Overview } from "@sentinel/contracts/api";
import type { Finding } from "./auditor.ts";
import type { Evidence } from "./evidence.ts";

interface Page<T> {
  readonly data: readonly T[];
}

const PAGE = 50;

/** What people are shown has to be what the database holds. */
export async function auditApi(url: string, evidence: Evidence): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const incidents = await get<Page<IncidentView>>(`${url}/api/v1/incidents?limit=${PAGE}`);
  const shown = new Map(incidents.data.map((each) => [each.id, each.status]));
  for (const { id, open } of evidence.incidents.slice(-PAGE)) {
    const status = shown.get(id);
    const wanted = open ? "open" : "resolved";
    if (status !== wanted)
      found.push({ rule: "api-incident", detail: `${id} is ${status ?? "absent"}, not ${wanted}` });
  }
  const { notFoldedSince } = await get<Overview>(`${url}/api/v1/status`);
  if (notFoldedSince !== null) found.push({ rule: "api-status", detail: `nothing recorded since ${notFoldedSince}` });
  const monitors = await get<Page<MonitorView>>(`${url}/api/v1/monitors?limit=${PAGE}`);
  for (const { id, name } of evidence.monitors) {
    const status = monitors.data.find((each) => each.id === id)?.status;
    if (status !== "healthy") found.push({ rule: "api-monitor", detail: `${name} is ${status ?? "absent"}` });
    found.push(...(await auditChecks(url, id, evidence)));
  }
  return found;
}

async function auditChecks(url: string, monitorId: string, { checks }: Evidence): Promise<Finding[]> {
  const { data } = await get<Page<CheckView>>(`${url}/api/v1/monitors/${monitorId}/checks?limit=${PAGE}`);
  const shown = new Map(data.map((each) => [each.slotMs, each.verdict]));
  const oldest = Math.min(...shown.keys());
  const mine = checks.filter((each) => each.monitorId === monitorId && each.slotMs >= oldest);
  const wrong = mine.filter((each) => shown.get(each.slotMs) !== each.verdict.replace("VERDICT_", "").toLowerCase());
  return wrong.map(({ slotMs }) => ({ rule: "api-checks", detail: `${monitorId}: slot ${slotMs} is shown otherwise` }));
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new Error(`${url}: ${String(error)}`, { cause: error });
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a wrong shape is a finding, by the comparisons above
  return (await response.json()) as T;
}
