import type { BlackboxModule } from "@sentinel/contracts/config";
import { type ProbedTarget, probeTarget, probeTimeoutMs } from "@sentinel/prober/exporter";
import type { Egress } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";
import { shownModule } from "./shown-module.ts";

export interface ProbeDeps {
  readonly modules: ReadonlyMap<string, BlackboxModule>;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly readFile: (path: string) => Promise<string>;
  /** Taken off what Prometheus waits, so that the answer is there in time. */
  readonly offsetSeconds: number;
}

export interface PlainAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const TEXT = "text/plain; charset=utf-8";
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
const said = (status: number, body: string): PlainAnswer => ({ status, type: TEXT, body: `${body}\n` });

/**
 * `/probe?module=…&target=…`, with `hostname` and `debug` where they are given.
 * @param scrapeTimeout value of `X-Prometheus-Scrape-Timeout-Seconds`.
 */
export async function answerProbe(
  query: URLSearchParams,
  scrapeTimeout: string | undefined,
  deps: ProbeDeps,
): Promise<PlainAnswer> {
  const name = query.get("module") || "http_2xx";
  const named = deps.modules.get(name);
  if (named === undefined) return said(400, `Unknown module ${JSON.stringify(name)}`);
  const target = query.get("target") ?? "";
  if (target === "") return said(400, "Target parameter is missing");
  const module = withHostname(named, query.get("hostname") ?? "");
  if (typeof module === "string") return said(400, module);
  const timeoutMs = probeTimeoutMs(scrapeTimeout, module.timeout, deps.offsetSeconds);
  if (timeoutMs === undefined) {
    return said(500, `Failed to parse timeout from Prometheus header: ${JSON.stringify(scrapeTimeout)} is no number`);
  }
  const { egress, clock, readFile } = deps;
  const probed = await probeTarget({ module, target, timeoutMs, egress, clock, readFile });
  if (query.get("debug") === "true") return { status: 200, type: TEXT, body: debugText(probed, module) };
  return { status: 200, type: METRICS_TYPE, body: probed.metrics };
}

/** The module with the host that is asked for by name, or what speaks against that. */
function withHostname(module: BlackboxModule, hostname: string): BlackboxModule | string {
  if (hostname === "") return module;
  if (module.prober === "http") {
    const given = Object.entries(module.http.headers).find(([header]) => header.toLowerCase() === "host")?.[1];
    if (given !== undefined && given !== hostname) {
      return `host header defined both in module configuration (${given}) and with URL-parameter 'hostname' (${hostname})`;
    }
    const headers = { ...module.http.headers, Host: hostname };
    return { ...module, http: { ...module.http, headers } };
  }
  if (module.prober !== "tcp" || module.tcp.tls_config.server_name !== undefined) return module;
  return { ...module, tcp: { ...module.tcp, tls_config: { ...module.tcp.tls_config, server_name: hostname } } };
}

const debugText = (probed: ProbedTarget, module: BlackboxModule): string =>
  [
    "Logs for the probe:",
    ...probed.log,
    "\n\n\nMetrics that would have been returned:",
    probed.metrics,
    "\n\nModule configuration:",
    shownModule(module),
    "",
  ].join("\n");
