import type { EndpointResult, MonitorSpec } from "@sentinel/contracts";
import { parseConfig } from "@sentinel/contracts/config";
import { renderReason } from "@sentinel/contracts/text";
import type { Egress } from "@sentinel/egress";
import { createBrowsers } from "@sentinel/prober";
import { systemClock } from "@sentinel/service-kit";
import { probe } from "../../services/prober/src/probes/index.ts";
import { PASSWORD } from "./server-worlds.ts";
import type { Change, World } from "./world.ts";

/** What came of a monitor, as a person reads it. */
export interface Row {
  readonly kind: string;
  readonly how: string;
  readonly verdict: string;
  readonly reason: string;
  readonly en: string;
  readonly fr: string;
}

const SECRETS: Readonly<Record<string, string>> = {
  SENTINEL_SECRET_RIGHT: PASSWORD,
  SENTINEL_SECRET_WRONG: "not-that-one",
};
const browsers = createBrowsers("");
const TIMEOUT_MS = 10_000;

/** The whole file as people write it: one monitor of each kind. JSON is YAML. */
export function sentinelYaml(worlds: readonly World[], asks: object = {}, timeoutMs = TIMEOUT_MS): string {
  const monitors = worlds.map(({ kind, endpoint }) => [
    kind,
    { endpoints: [{ ...endpoint, ...asks }], timeout: `${timeoutMs}ms`, slowAfter: "60s" },
  ]);
  return JSON.stringify({ monitors: Object.fromEntries(monitors) });
}

/** @throws Error with what is wrong in the file. */
export function specsOf(file: string): ReadonlyMap<string, MonitorSpec> {
  const parsed = parseConfig(file, { file: "sentinel.yaml", env: {} });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return new Map(parsed.config.monitors.map((spec) => [spec.name, spec]));
}

export async function watch(world: World, spec: MonitorSpec | undefined, egress: Egress): Promise<EndpointResult> {
  const [endpoint] = spec?.endpoints ?? [];
  if (spec === undefined || endpoint === undefined) throw new Error(`${world.kind} is not in the file`);
  const deps = { egress, clock: systemClock, secret: (name: string) => SECRETS[name], browsers };
  return (world.see ?? probe)({ endpoint, spec, deps, signal: new AbortController().signal });
}

/** Breaks the world in one way, watches it, and mends it again. */
export async function watchBroken(world: World, change: Change, egress: Egress): Promise<Row> {
  const spec = specsOf(sentinelYaml([world], change.asks, change.timeoutMs)).get(world.kind);
  await change.make?.();
  try {
    return rowOf(world.kind, change.how, await watch(world, spec, egress));
  } finally {
    await change.undo?.();
  }
}

export function rowOf(kind: string, how: string, { verdict, reason, evidence }: EndpointResult): Row {
  const sentence = (locale: "en" | "fr"): string =>
    reason === "" ? "" : steady(renderReason(locale, reason, evidence?.params ?? {}));
  return {
    kind,
    how,
    verdict: verdict.replace("VERDICT_", "").toLowerCase(),
    reason,
    en: sentence("en"),
    fr: sentence("fr"),
  };
}

/** What differs from run to run: ports and days. */
const steady = (sentence: string): string =>
  sentence.replaceAll(/(127\.0\.0\.1:|port )\d{4,5}/g, "$1PORT").replaceAll(/\b\d{4}-\d{2}-\d{2}\b/g, "DAY");
