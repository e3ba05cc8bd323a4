import type { EndpointResultView, TimelineEntryView } from "../api/index.ts";

type EvidenceView = NonNullable<EndpointResultView["evidence"]>;

interface SeenEndpoint {
  readonly url: string;
  readonly reason: string;
  readonly reasonParams: Readonly<Record<string, string>>;
  readonly phases: EndpointResultView["phases"] | null;
  readonly evidence: EvidenceView | null;
}

export interface SeenEvidence {
  readonly at: string;
  readonly endpoints: readonly SeenEndpoint[];
}

type Loose = Readonly<Record<string, unknown>>;

function loose(value: unknown): Loose | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  const read = typeof value === "string" ? Number(value) : value;
  return typeof read === "number" && Number.isFinite(read) ? read : 0;
}

function strings(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(loose(value) ?? {}).map(([key, entry]) => [key, text(entry)]));
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An instant as RFC 3339, from text or from milliseconds; empty when there is none. */
function instant(value: unknown): string {
  if (typeof value === "string" && Number.isNaN(Number(value))) return value;
  const ms = number(value);
  return ms === 0 ? "" : new Date(ms).toISOString();
}

function phasesOf(value: unknown): EndpointResultView["phases"] | null {
  const phases = loose(value);
  if (phases === null) return null;
  return {
    dnsMs: number(phases["dnsMs"]),
    connectMs: number(phases["connectMs"]),
    tlsMs: number(phases["tlsMs"]),
    firstByteMs: number(phases["firstByteMs"]),
    transferMs: number(phases["transferMs"]),
  };
}

function certificateOf(value: unknown): EvidenceView["certificate"] {
  const certificate = loose(value);
  if (certificate === null || text(certificate["subject"]) === "") return null;
  return {
    subject: text(certificate["subject"]),
    issuer: text(certificate["issuer"]),
    validFrom: instant(certificate["validFrom"] ?? certificate["validFromMs"]),
    validTo: instant(certificate["validTo"] ?? certificate["validToMs"]),
    fingerprint256: text(certificate["fingerprint256"]),
    names: list(certificate["names"]).map(text),
  };
}

function dnsAnswerOf(value: unknown): EvidenceView["dnsAnswer"] {
  const answer = loose(value);
  if (answer === null || text(answer["name"]) === "") return null;
  return {
    name: text(answer["name"]),
    records: list(answer["records"]).map((each) => {
      const record = loose(each);
      const ttlSeconds = number(record?.["ttlSeconds"]);
      return { type: text(record?.["type"]), value: text(record?.["value"]), ttlSeconds };
    }),
    resolver: text(answer["resolver"]),
    durationMs: number(answer["durationMs"]),
    outcome: text(answer["outcome"]) || null,
    fromCache: answer["fromCache"] === true,
  };
}

function triedOf(value: unknown): EvidenceView["addressesTried"][number] {
  const tried = loose(value);
  return {
    address: text(tried?.["address"]),
    port: number(tried?.["port"]),
    outcome: text(tried?.["outcome"]) || null,
    durationMs: number(tried?.["durationMs"]),
  };
}

function stepOf(value: unknown): EvidenceView["steps"][number] {
  const step = loose(value);
  return { name: text(step?.["name"]), durationMs: number(step?.["durationMs"]) };
}

function evidenceOf(value: unknown): EvidenceView | null {
  const evidence = loose(value);
  if (evidence === null || text(evidence["requestLine"]) === "") return null;
  const status = number(evidence["status"]);
  return {
    requestLine: text(evidence["requestLine"]),
    remoteAddress: text(evidence["remoteAddress"]) || null,
    status: status === 0 ? null : status,
    headers: strings(evidence["headers"]),
    bodyHead: text(evidence["bodyHead"]),
    certificate: certificateOf(evidence["certificate"]),
    certificateChain: list(evidence["certificateChain"])
      .map(certificateOf)
      .filter((each) => each !== null),
    dnsAnswer: dnsAnswerOf(evidence["dnsAnswer"]),
    addressesTried: list(evidence["addressesTried"]).map(triedOf),
    redirects: list(evidence["redirects"]).map(text),
    params: strings(evidence["params"]),
    screenshot: text(evidence["screenshot"]) || null,
    console: list(evidence["console"]).map(text),
    steps: list(evidence["steps"]).map(stepOf),
  };
}

function endpointOf(value: unknown): SeenEndpoint | null {
  const endpoint = loose(value);
  if (endpoint === null || text(endpoint["url"]) === "") return null;
  const evidence = evidenceOf(endpoint["evidence"]);
  return {
    url: text(endpoint["url"]),
    reason: text(endpoint["reason"]),
    reasonParams: evidence?.params ?? {},
    phases: phasesOf(endpoint["phases"]),
    evidence,
  };
}

const WITH_ENDPOINTS = new Set(["incident_opened", "incident_verdict_changed", "incident_reopened"]);

/** What the latest round that changed the incident saw of its failing endpoints; null when nothing was kept. */
export function evidenceFromTimeline(entries: readonly TimelineEntryView[]): SeenEvidence | null {
  for (const entry of entries.toReversed()) {
    if (!WITH_ENDPOINTS.has(entry.type)) continue;
    const endpoints = list(entry.data["endpoints"])
      .map(endpointOf)
      .filter((endpoint) => endpoint !== null);
    if (endpoints.length > 0) return { at: entry.at, endpoints };
  }
  return null;
}
