import {
  type EndpointResult,
  type Evidence,
  type GetHeartbeatResponse,
  type MonitorSpec,
  type Phases,
  Verdict,
} from "@sentinel/contracts";
import { type Egress, EgressError, type EgressPhases, type ExchangeFacts } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";
import type { Judgement, Look } from "../core/assertions.ts";
import { judgeAssertions, WELL } from "../core/assertions.ts";
import type { Browsers } from "../browser/browsers.ts";
import { peerEvidence } from "./peer-evidence.ts";
import type { SecretSource } from "../core/secrets.ts";
import type { Usual } from "../core/usual.ts";
import { judgeTime, verdictOfFailure } from "../core/verdict.ts";
import { Unchecked } from "./unchecked.ts";
import { whatBroke } from "./what-broke.ts";

export { Unchecked } from "./unchecked.ts";

export type Endpoint = MonitorSpec["endpoints"][number];
type Check = NonNullable<Endpoint["check"]>;
export type CheckName = Check["$case"];
type CheckOf<Name extends CheckName> = Extract<Check, { readonly $case: Name }>["value"];

export interface ProbeDeps {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly secret: SecretSource;
  /** Browsers for journeys; without them there is none. */
  readonly browsers?: Browsers;
}

/** What a job has told of itself. */
export interface Hears {
  /** From when on the first ping is awaited. */
  readonly sinceMs: number;
  /** The ping that the round was asked for; 0 when it was asked for by none. */
  readonly seq: number;
  /** What was known after this ping; 0 for what is known now. */
  heard(seq: number): Promise<GetHeartbeatResponse>;
}

export interface ProbeRequest {
  readonly endpoint: Endpoint;
  readonly spec: MonitorSpec;
  readonly deps: ProbeDeps;
  readonly signal: AbortSignal;
  /** Absent where nobody takes pings. */
  readonly hears?: Hears | undefined;
  /** How long rounds of this monitor usually take; absent while too few are known. */
  readonly usual?: Usual | undefined;
  /** Keeps a value out of the evidence, as secrets are anyway. */
  readonly hide?: (value: string) => void;
}

/** One way to check an endpoint. Failing is a result, never a throw. */
export type Probe = (request: ProbeRequest) => Promise<EndpointResult>;

/** What a check saw when nothing was wrong on the way. */
export interface Seen {
  readonly facts: ExchangeFacts;
  /** What assertions look at, beside latency, phases and the certificate, which every kind has. */
  readonly look?: Look;
  /** What the kind itself has to say before assertions and time, such as an expected flag that is not set. */
  readonly judgement?: Judgement;
  /** In words, what was asked; the address when absent. */
  readonly requestLine?: string;
  /** What only some kinds have to show. */
  readonly shown?: Partial<Pick<Evidence, "screenshot" | "console" | "steps" | "dnsAnswer">>;
}

/** A kind of check: says what it saw, and throws an EgressError or Unchecked for what went wrong. */
export type See<Name extends CheckName> = (check: CheckOf<Name>, request: ProbeRequest) => Promise<Seen>;

/**
 * Judges what was seen; what went wrong on the way is down with its reason, what could not be tried is unknown, and so
 * is what a fault of the kind itself kept from being seen.
 */
export async function resultOf(request: ProbeRequest, see: () => Promise<Seen>): Promise<EndpointResult> {
  const { endpoint, spec, deps } = request;
  try {
    const seen = await see();
    const durationMs = total(seen.facts.phases);
    const said = seen.judgement;
    const asserted = (): Judgement => judgeAssertions(endpoint.assertions, lookAt(seen, deps.clock.now()));
    const isFinal = said?.verdict === Verdict.DOWN || said?.verdict === Verdict.UNKNOWN;
    const judged = isFinal ? said : worse(asserted(), said ?? WELL);
    const judgement = judgeTime(endpoint, spec.slowAfterMs, durationMs, judged, request.usual);
    return endpointResult(endpoint, judgement, seen.facts, durationMs, seen);
  } catch (thrown) {
    if (thrown instanceof Unchecked) {
      const judgement = { verdict: Verdict.UNKNOWN, reason: thrown.reason, params: thrown.params };
      return endpointResult(endpoint, judgement, NOTHING, 0);
    }
    if (!(thrown instanceof EgressError)) {
      const judgement = { verdict: Verdict.UNKNOWN, reason: "check_broke", params: whatBroke(thrown) };
      return endpointResult(endpoint, judgement, NOTHING, 0);
    }
    const { reason, params, facts } = thrown.failure;
    const judgement = { verdict: verdictOfFailure(reason), reason, params };
    return endpointResult(endpoint, judgement, facts, total(facts.phases));
  }
}

/** What is down outweighs what is degraded; of equals, what the kind itself says. */
const worse = (asserted: Judgement, said: Judgement): Judgement =>
  said.verdict === Verdict.HEALTHY || asserted.verdict === Verdict.DOWN ? asserted : said;

const NOTHING: ExchangeFacts = {
  phases: { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 0, transferMs: 0 },
  remoteAddress: undefined,
  status: undefined,
  headers: {},
  body: new Uint8Array(),
  certificate: undefined,
  redirects: [],
};

const DAY_MS = 86_400_000;
const PHASES: Readonly<Record<string, keyof EgressPhases>> = {
  dns: "dnsMs",
  connect: "connectMs",
  tls: "tlsMs",
  first_byte: "firstByteMs",
  transfer: "transferMs",
};

/** What assertions see: latency, phases and certificate of every kind, and what the kind itself has. */
export function lookAt({ facts, look }: Seen, nowMs: number): Look {
  return (subject, of, work) => {
    const phase = PHASES[of];
    if (subject === "latency") return [String(total(facts.phases))];
    if (subject === "phase") return phase === undefined ? undefined : [String(facts.phases[phase])];
    if (subject === "certificate_days") {
      return facts.certificate === undefined
        ? undefined
        : [String(Math.floor((facts.certificate.validToMs - nowMs) / DAY_MS))];
    }
    return look?.(subject, of, work);
  };
}

const BODY_HEAD_BYTES = 4096;
const REDACTED = new Set([
  "set-cookie",
  "authorization",
  "proxy-authorization",
  "cookie",
  "www-authenticate",
  "x-api-key",
]);

function endpointResult(
  endpoint: Endpoint,
  judgement: Judgement,
  facts: ExchangeFacts,
  durationMs: number,
  { requestLine, shown }: Pick<Seen, "requestLine" | "shown"> = {},
): EndpointResult {
  const asked = requestLine ?? `${endpoint.check === undefined ? `${endpoint.method} ` : ""}${endpoint.url}`;
  return {
    url: endpoint.url,
    verdict: judgement.verdict,
    reason: judgement.reason,
    status: facts.status ?? 0,
    durationMs,
    phases: phasesOf(facts.phases),
    evidence: judgement.verdict === Verdict.HEALTHY ? undefined : evidenceOf(asked, judgement, facts, shown),
  };
}

function evidenceOf(
  requestLine: string,
  judgement: Judgement,
  facts: ExchangeFacts,
  shown: Seen["shown"] = {},
): Evidence {
  const headers = Object.entries(facts.headers).map(([name, value]) => [name, REDACTED.has(name) ? "(hidden)" : value]);
  return {
    requestLine,
    remoteAddress: facts.remoteAddress ?? "",
    status: facts.status ?? 0,
    headers: Object.fromEntries(headers),
    bodyHead: facts.body.slice(0, BODY_HEAD_BYTES),
    certificate:
      facts.certificate === undefined ? undefined : { ...facts.certificate, names: [...facts.certificate.names] },
    redirects: [...facts.redirects],
    params: { ...judgement.params },
    screenshot: shown.screenshot ?? new Uint8Array(),
    console: shown.console ?? [],
    steps: shown.steps ?? [],
    ...peerEvidence(facts),
    ...(shown.dnsAnswer === undefined ? {} : { dnsAnswer: shown.dnsAnswer }),
  };
}

const phasesOf = (phases: EgressPhases): Phases => ({ ...phases });

const total = (phases: EgressPhases): number =>
  phases.dnsMs + phases.connectMs + phases.tlsMs + phases.firstByteMs + phases.transferMs;
