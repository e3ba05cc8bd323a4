import { type EndpointResult, Nature, Severity, Verdict } from "@sentinel/contracts";
import { COVERAGE_RULES } from "./diagnosis-coverage-rules.ts";
import { HTTP_RULES } from "./diagnosis-http-rules.ts";
import { KIND_RULES } from "./diagnosis-kind-rules.ts";
import { type Facts, is, type Rule } from "./diagnosis-rule.ts";
import type { Diagnose } from "./types.ts";

/** First match wins. Codes only: the sentences are in the text catalogue of contracts. */
export const RULES: readonly Rule[] = [
  ...HTTP_RULES,
  ...KIND_RULES,
  {
    rule: "address.refused",
    when: is("address_forbidden"),
    issue: "address_not_allowed",
    cause: "egress_policy",
    severity: Severity.MEDIUM,
    recommendations: ["check_address", "allow_range"],
  },
  {
    // Nothing that can be allowed.
    rule: "address.unusable",
    when: is("address_metadata", "scheme_not_allowed", "credentials_in_url", "bad_url"),
    issue: "address_not_allowed",
    cause: "egress_policy",
    severity: Severity.MEDIUM,
    recommendations: ["check_address"],
  },
  {
    rule: "latency.slow",
    when: is("slow", "slower_than_usual"),
    issue: "slow",
    cause: "saturated_or_dependency",
    severity: Severity.MEDIUM,
    recommendations: ["check_load", "check_database", "check_last_release"],
  },
  {
    rule: "sentinel.broker_forgot",
    when: is("broker_forgot"),
    issue: "broker_forgot",
    cause: "broker_lost_messages",
    severity: Severity.HIGH,
    recommendations: ["wait_for_results", "check_broker_disk"],
  },
  ...COVERAGE_RULES,
  {
    rule: "other",
    when: () => true,
    issue: "failing",
    cause: "unknown_cause",
    severity: Severity.HIGH,
    recommendations: ["read_evidence"],
  },
];

/** The first matching row for the worst endpoint, with scope and severity by how much of the monitor fails. */
export const diagnose: Diagnose = (facts) => {
  const worst = worstOf(facts.failing);
  const reason = worst.reason === "" ? "unknown" : worst.reason;
  const row = RULES.find((each) => each.when(reason, facts, worst)) ?? RULES.at(-1);
  const all = facts.failing.length >= facts.endpointsTotal;
  return {
    rule: `${row?.rule ?? "other"}/${all ? "all" : "some"}`,
    issue: row?.issue ?? "failing",
    cause: row?.cause ?? "unknown_cause",
    severity: severityOf(row?.severity ?? Severity.HIGH, all, facts.spec.nature === Nature.BUSINESS),
    recommendations: [...(row?.recommendations ?? [])],
    params: paramsOf(facts, worst),
  };
};

const LADDER: readonly Severity[] = [Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL];

function severityOf(base: Severity, all: boolean, business: boolean): Severity {
  const step = LADDER.indexOf(base) - (all ? 0 : 1) + (business ? 1 : 0);
  return LADDER[Math.min(LADDER.length - 1, Math.max(0, step))] ?? base;
}

const NOTHING: EndpointResult = {
  url: "",
  verdict: Verdict.DOWN,
  reason: "",
  status: 0,
  durationMs: 0,
  phases: undefined,
  evidence: undefined,
};

function worstOf(failing: readonly EndpointResult[]): EndpointResult {
  return failing.find((each) => each.verdict === Verdict.DOWN) ?? failing[0] ?? NOTHING;
}

function paramsOf(facts: Facts, worst: EndpointResult): Record<string, string> {
  const url = URL.parse(worst.url);
  const port = url?.port === "" ? (url.protocol === "https:" ? "443" : "80") : (url?.port ?? "");
  return {
    monitor: facts.spec.name,
    url: worst.url,
    host: url?.hostname ?? "",
    port,
    reason: worst.reason,
    failing: String(facts.failing.length),
    total: String(facts.endpointsTotal),
    latencyMs: String(Math.round(worst.durationMs)),
    limitMs: String(facts.spec.slowAfterMs),
    ...(worst.status > 0 ? { status: String(worst.status) } : {}),
    ...(worst.evidence?.certificate === undefined
      ? {}
      : { certificateExpiredOn: new Date(worst.evidence.certificate.validToMs).toISOString().slice(0, 10) }),
    // The evidence knows better: the limit of this endpoint, the host a redirect led to.
    ...worst.evidence?.params,
  };
}
