import type { BlackboxGrpc } from "@sentinel/contracts/config";
import { EgressError } from "@sentinel/egress";
import { STATUS_NAMES } from "../core/grpc-health.ts";
import { askHealth } from "../probes/grpc.ts";
import { chooseAddress } from "./choose-address.ts";
import { failure, type Outcome, type ProbeContext, SUCCESS } from "./context.ts";
import { splitHostPort } from "./host-port.ts";
import { setTlsMetrics, tlsOf } from "./tls.ts";

const SERVING_STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;

/** gRPC's health service. @throws EgressError */
export async function probeGrpc(grpc: BlackboxGrpc, target: string, context: ProbeContext): Promise<Outcome> {
  const { metrics, egress, clock } = context;
  for (const name of ["probe_grpc_ssl", "probe_grpc_status_code"] as const) metrics.set(name, 0);
  metrics.set("probe_grpc_duration_seconds", 0, { phase: "resolve" });
  const where = splitHostPort(target.replace(/^https?:\/\//, "").replace(/\/$/, ""));
  if (where === undefined) return failure("bad_url");
  const { address, lookupSeconds } = await chooseAddress(where.host, grpc, context);
  metrics.set("probe_grpc_duration_seconds", lookupSeconds, { phase: "resolve" });
  const from = clock.monotonic();
  const tls = grpc.tls ? { ...(await tlsOf(grpc.tls_config, where.host, context)), protocols: ["h2"] } : undefined;
  const asked = { service: grpc.service, metadata: {}, authority: `${where.host}:${where.port}`, tls: grpc.tls };
  const serving = (status: string | undefined): void => {
    metrics.set("probe_grpc_duration_seconds", (clock.monotonic() - from) / 1000, { phase: "check" });
    for (const each of SERVING_STATUSES) {
      metrics.set("probe_grpc_healthcheck_response", each === status ? 1 : 0, { serving_status: each });
    }
  };
  try {
    const dialled = { host: address, port: where.port, timeoutMs: context.remainingMs(), tls };
    const { value, facts } = await egress.converse(dialled, (conversation) => askHealth(conversation, asked));
    serving(value);
    exportTls(facts.tls, context);
    return value === "SERVING" ? SUCCESS : failure("grpc_not_serving");
  } catch (thrown) {
    serving(undefined);
    if (thrown instanceof EgressError) {
      metrics.set("probe_grpc_status_code", statusOf(thrown));
      if (thrown.failure.phase === "transfer") exportTls(thrown.failure.facts.tls, context);
    }
    throw thrown;
  }
}

function exportTls(tls: Parameters<typeof setTlsMetrics>[1] | undefined, context: ProbeContext): void {
  if (tls === undefined) return;
  context.metrics.set("probe_grpc_ssl", 1);
  setTlsMetrics(context, tls, false);
}

const UNAVAILABLE = STATUS_NAMES.indexOf("UNAVAILABLE");
const DEADLINE_EXCEEDED = STATUS_NAMES.indexOf("DEADLINE_EXCEEDED");

/** The server's own status, else what a client of gRPC says of a connection that failed. */
function statusOf({ failure: { reason, params } }: EgressError): number {
  const [code] = (params["code"] ?? "").split(" ");
  if (code !== undefined && code !== "") return Number(code);
  return reason.startsWith("timeout_in_") ? DEADLINE_EXCEEDED : UNAVAILABLE;
}
