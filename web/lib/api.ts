import type {
  ChannelView,
  CheckView,
  ConfigView,
  IncidentView,
  MaintenanceView,
  MonitorStatsView,
  MonitorView,
  PingAddressView,
  TimelineEntryView,
} from "@sentinel/contracts/api";
import type { Locale } from "@sentinel/contracts/text/screen";
import { ApiError, problemFrom } from "./problem.ts";

export interface Page<T> {
  readonly data: readonly T[];
}

/** What a channel's test came to. */
export interface TestOutcome {
  readonly delivered: boolean;
  readonly reason: string | null;
  readonly tookMs: number;
}

interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly version?: number;
  /** Makes a repeated POST harmless. */
  readonly once?: boolean;
  readonly signal?: AbortSignal;
}

function headersOf(locale: Locale, call: Call): Headers {
  const headers = new Headers({ accept: "application/json", "accept-language": locale });
  if (call.body !== undefined) headers.set("content-type", "application/json");
  if (call.version !== undefined) headers.set("if-match", `"${call.version}"`);
  if (call.once === true) headers.set("idempotency-key", crypto.randomUUID());
  return headers;
}

async function readBody(response: Response): Promise<unknown> {
  const body = await response.text();
  try {
    return body === "" ? null : JSON.parse(body);
  } catch {
    return null;
  }
}

/** The gateway answers in the shapes of the contracts, which its own tests hold it to; `T` is taken on its word. */
async function trustedCall<T>(locale: Locale, path: string, call: Call = {}): Promise<T> {
  const url = `/api/v1${path}${path.includes("?") ? "&" : "?"}lang=${locale}`;
  const response = await fetch(url, {
    method: call.method ?? "GET",
    headers: headersOf(locale, call),
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const body = await readBody(response);
  if (!response.ok) throw new ApiError(problemFrom(response.status, body));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where JSON becomes a contract type
  return body as T;
}

/** The operations of the gateway that the screens use, in the reader's language. */
export function gatewayApi(locale: Locale) {
  const id = encodeURIComponent;
  return {
    createMonitor: (body: unknown) =>
      trustedCall<MonitorView>(locale, "/monitors", { method: "POST", body, once: true }),
    replaceMonitor: (monitorId: string, version: number, body: unknown) =>
      trustedCall<MonitorView>(locale, `/monitors/${id(monitorId)}`, { method: "PUT", body, version }),
    deleteMonitor: (monitorId: string, version: number) =>
      trustedCall<null>(locale, `/monitors/${id(monitorId)}`, { method: "DELETE", version }),
    checkNow: (monitorId: string) =>
      trustedCall<null>(locale, `/monitors/${id(monitorId)}/check`, { method: "POST", body: {} }),
    checks: (monitorId: string, limit: number, signal?: AbortSignal) =>
      trustedCall<Page<CheckView>>(locale, `/monitors/${id(monitorId)}/checks?limit=${limit}`, withSignal(signal)),
    monitorStats: (monitorId: string, window: string, signal?: AbortSignal) =>
      trustedCall<MonitorStatsView>(locale, `/monitors/${id(monitorId)}/stats?window=${window}`, withSignal(signal)),
    pingAddress: (monitorId: string, signal?: AbortSignal) =>
      trustedCall<PingAddressView>(locale, `/monitors/${id(monitorId)}/ping-address`, withSignal(signal)),
    incidents: (limit: number, signal?: AbortSignal) =>
      trustedCall<Page<IncidentView>>(locale, `/incidents?limit=${limit}`, withSignal(signal)),
    incident: (incidentId: number, signal?: AbortSignal) =>
      trustedCall<IncidentView>(locale, `/incidents/${incidentId}`, withSignal(signal)),
    timeline: (incidentId: number, signal?: AbortSignal) =>
      trustedCall<Page<TimelineEntryView>>(locale, `/incidents/${incidentId}/timeline`, withSignal(signal)),
    acknowledge: (incidentId: number) =>
      trustedCall<IncidentView>(locale, `/incidents/${incidentId}/acknowledge`, { method: "POST", body: {} }),
    resolve: (incidentId: number) =>
      trustedCall<IncidentView>(locale, `/incidents/${incidentId}/resolve`, { method: "POST", body: {} }),
    comment: (incidentId: number, text: string) =>
      trustedCall<unknown>(locale, `/incidents/${incidentId}/comments`, { method: "POST", body: { text }, once: true }),
    channels: (signal?: AbortSignal) => trustedCall<Page<ChannelView>>(locale, "/channels", withSignal(signal)),
    maintenance: (signal?: AbortSignal) =>
      trustedCall<Page<MaintenanceView>>(locale, "/maintenance", withSignal(signal)),
    createMaintenance: (body: unknown) =>
      trustedCall<MaintenanceView>(locale, "/maintenance", { method: "POST", body }),
    endMaintenance: (windowId: string) =>
      trustedCall<MaintenanceView>(locale, `/maintenance/${id(windowId)}/end`, { method: "POST", body: {} }),
    deleteMaintenance: (windowId: string) =>
      trustedCall<null>(locale, `/maintenance/${id(windowId)}`, { method: "DELETE" }),
    testChannel: (name: string) =>
      trustedCall<TestOutcome>(locale, `/channels/${id(name)}/test`, { method: "POST", body: {} }),
    config: (signal?: AbortSignal) => trustedCall<ConfigView>(locale, "/config", withSignal(signal)),
    signIn: (token: string) => trustedCall<unknown>(locale, "/session", { method: "POST", body: { token } }),
  };
}

export type GatewayApi = ReturnType<typeof gatewayApi>;

function withSignal(signal: AbortSignal | undefined): Call {
  return signal === undefined ? {} : { signal };
}
