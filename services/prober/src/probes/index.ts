import { hideIn } from "../core/hide.ts";
import { seeBrowser } from "./browser.ts";
import { seeDns } from "./dns.ts";
import { seeGrpc } from "./grpc.ts";
import { seeDomain } from "./domain.ts";
import { seeHeartbeat } from "./heartbeat.ts";
import { probeHttp } from "./http.ts";
import { seeIcmp } from "./icmp.ts";
import { seeNats } from "./nats.ts";
import { type CheckName, type Probe, type ProbeRequest, resultOf, type See } from "./probe.ts";
import { seePrometheus } from "./prometheus.ts";
import { seeRedis } from "./redis.ts";
import { seeScenario } from "./scenario.ts";
import { seeSql } from "./sql.ts";
import { seeTcp } from "./tcp.ts";
import { seeTls } from "./tls.ts";
import { seeUdp } from "./udp.ts";
import { seeWebSocket } from "./web-socket.ts";

function probeBy<Name extends CheckName>(see: See<Name>, check: Parameters<See<Name>>[0], request: ProbeRequest) {
  return resultOf(request, () => see(check, request));
}

/** Checks the endpoint by its kind; no secret that was used on the way stays in the evidence. */
export const probe: Probe = async (request) => {
  const { deps } = request;
  const used = new Set<string>();
  const secret = (name: string): string | undefined => {
    const value = deps.secret(name);
    if (value !== undefined) used.add(value);
    return value;
  };
  const result = await probeByKind({ ...request, deps: { ...deps, secret }, hide: (value) => used.add(value) });
  return hideIn(result, used);
};

/** One line for each kind of check. */
const probeByKind: Probe = (request) => {
  const { check } = request.endpoint;
  switch (check?.$case) {
    case "tcp":
      return probeBy(seeTcp, check.value, request);
    case "sql":
      return probeBy(seeSql, check.value, request);
    case "grpc":
      return probeBy(seeGrpc, check.value, request);
    case "webSocket":
      return probeBy(seeWebSocket, check.value, request);
    case "redis":
      return probeBy(seeRedis, check.value, request);
    case "nats":
      return probeBy(seeNats, check.value, request);
    case "prometheus":
      return probeBy(seePrometheus, check.value, request);
    case "udp":
      return probeBy(seeUdp, check.value, request);
    case "dns":
      return probeBy(seeDns, check.value, request);
    case "icmp":
      return probeBy(seeIcmp, check.value, request);
    case "domain":
      return probeBy(seeDomain, check.value, request);
    case "tls":
      return probeBy(seeTls, check.value, request);
    case "heartbeat":
      return probeBy(seeHeartbeat, check.value, request);
    case "scenario":
      return probeBy(seeScenario, check.value, request);
    case "browser":
      return probeBy(seeBrowser, check.value, request);
    default:
      // An address of an unknown kind goes to the HTTP probe, whose egress says what is wrong with it.
      return probeHttp(request);
  }
};
