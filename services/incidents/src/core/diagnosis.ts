import { type EndpointResult, Nature, RepairMode, Severity, Verdict } from "@sentinel/contracts";
import type { Diagnose } from "./types.ts";

type Facts = Parameters<Diagnose>[0];

interface Row {
  /** Name of the rule, without the scope that is added to it. */
  readonly rule: string;
  readonly when: (reason: string, facts: Facts, worst: EndpointResult) => boolean;
  readonly issue: string;
  readonly cause: string;
  /** When all endpoints fail; one step less when only some do. */
  readonly severity: Severity;
  readonly recommendations: readonly string[];
}

const IDLE_MS = 10 * 60_000;

const is =
  (...reasons: readonly string[]) =>
  (reason: string): boolean =>
    reasons.includes(reason);

const statusIs =
  (...statuses: readonly number[]) =>
  (reason: string, _facts: Facts, worst: EndpointResult): boolean =>
    reason === "status" && statuses.includes(worst.status);

/** A host that sleeps when idle shows itself by 502–504 or a long wait after a quiet time, under a wake-up policy. */
function looksAsleep(reason: string, facts: Facts, worst: EndpointResult): boolean {
  const symptom =
    ["timeout_in_first_byte", "timeout_in_connect"].includes(reason) || statusIs(502, 503, 504)(reason, facts, worst);
  const wakes = facts.spec.repair?.mode === RepairMode.AUTO;
  const quiet =
    facts.spec.tags.includes("sleeps") || (facts.lastHealthyAtMs > 0 && facts.atMs - facts.lastHealthyAtMs > IDLE_MS);
  return symptom && wakes && quiet;
}

/** First match wins. Codes only: the sentences are in the text catalogue of contracts. */
export const RULES: readonly Row[] = [
  {
    rule: "host.sleeping",
    when: looksAsleep,
    issue: "sleeping",
    cause: "sleeps_when_idle",
    severity: Severity.HIGH,
    recommendations: ["keep_awake", "read_host_dashboard"],
  },
  {
    rule: "connect.refused",
    when: is("connect_refused"),
    issue: "unreachable",
    cause: "crashed_or_not_started",
    severity: Severity.CRITICAL,
    recommendations: ["read_last_logs", "restart_service", "deploy_last_good", "check_port"],
  },
  {
    rule: "connect.timeout",
    when: is("timeout_in_connect"),
    issue: "unreachable",
    cause: "firewall_or_overload",
    severity: Severity.CRITICAL,
    recommendations: ["check_firewall", "check_host_alive", "check_load"],
  },
  {
    rule: "connect.unreachable",
    when: is("connect_unreachable"),
    issue: "unreachable",
    cause: "no_route",
    severity: Severity.CRITICAL,
    recommendations: ["check_host_alive", "check_network"],
  },
  {
    rule: "connect.reset",
    when: is("connect_reset", "reset", "empty_reply"),
    issue: "broken_answer",
    cause: "crashes_during_request",
    severity: Severity.CRITICAL,
    recommendations: ["read_last_logs", "check_memory", "check_proxy_timeouts"],
  },
  {
    rule: "dns.nxdomain",
    when: is("dns_nxdomain"),
    issue: "name_not_found",
    cause: "record_or_domain_gone",
    severity: Severity.CRITICAL,
    recommendations: ["check_dns_record", "check_domain_expiry", "check_spelling"],
  },
  {
    rule: "dns.no_address",
    when: is("dns_no_address"),
    issue: "name_not_found",
    cause: "record_without_address",
    severity: Severity.CRITICAL,
    recommendations: ["check_dns_record"],
  },
  {
    rule: "dns.failing",
    when: is("dns_failed", "timeout_in_dns"),
    issue: "name_not_resolved",
    cause: "resolver_failing",
    severity: Severity.HIGH,
    recommendations: ["check_resolver", "check_dns_provider"],
  },
  {
    rule: "tls.expired",
    when: is("tls_expired"),
    issue: "certificate_invalid",
    cause: "certificate_expired",
    severity: Severity.CRITICAL,
    recommendations: ["renew_certificate", "check_renewal_job"],
  },
  {
    rule: "tls.not_yet_valid",
    when: is("tls_not_yet_valid"),
    issue: "certificate_invalid",
    cause: "certificate_not_yet_valid",
    severity: Severity.HIGH,
    recommendations: ["check_clock", "check_certificate"],
  },
  {
    rule: "tls.hostname",
    when: is("tls_hostname"),
    issue: "certificate_invalid",
    cause: "certificate_for_other_name",
    severity: Severity.CRITICAL,
    recommendations: ["check_certificate_names", "check_virtual_host"],
  },
  {
    rule: "tls.untrusted",
    when: is("tls_untrusted", "tls_self_signed"),
    issue: "certificate_invalid",
    cause: "certificate_not_trusted",
    severity: Severity.HIGH,
    recommendations: ["serve_full_chain", "check_interception"],
  },
  {
    rule: "tls.handshake",
    when: is("tls_handshake", "timeout_in_tls"),
    issue: "tls_broken",
    cause: "handshake_fails",
    severity: Severity.HIGH,
    recommendations: ["check_tls_settings", "check_load"],
  },
  {
    rule: "tls.plain_http",
    when: is("tls_wrong_version"),
    issue: "tls_broken",
    cause: "plain_http_on_https",
    severity: Severity.HIGH,
    recommendations: ["check_scheme_and_port", "check_proxy"],
  },
  {
    rule: "http.protocol",
    when: is("protocol"),
    issue: "not_http",
    cause: "other_protocol",
    severity: Severity.HIGH,
    recommendations: ["check_scheme_and_port"],
  },
  {
    rule: "http.no_first_byte",
    when: is("timeout_in_first_byte"),
    issue: "no_answer",
    cause: "hangs_or_starts",
    severity: Severity.CRITICAL,
    recommendations: ["check_database", "check_load", "restart_service"],
  },
  {
    rule: "http.stalled",
    when: is("timeout_in_transfer", "truncated"),
    issue: "broken_answer",
    cause: "answer_cut",
    severity: Severity.HIGH,
    recommendations: ["check_proxy_timeouts", "read_last_logs"],
  },
  {
    rule: "http.headers",
    when: is("headers_too_large"),
    issue: "oversized_answer",
    cause: "headers_too_large",
    severity: Severity.MEDIUM,
    recommendations: ["check_cookies"],
  },
  {
    rule: "http.body",
    when: is("body_too_large", "decompression_bomb"),
    issue: "oversized_answer",
    cause: "body_too_large",
    severity: Severity.MEDIUM,
    recommendations: ["watch_smaller_page"],
  },
  {
    rule: "http.redirect_loop",
    when: is("redirect_loop"),
    issue: "redirects_wrong",
    cause: "redirect_loop",
    severity: Severity.HIGH,
    recommendations: ["fix_canonical_host", "check_login_redirect"],
  },
  {
    rule: "http.too_many_redirects",
    when: is("too_many_redirects"),
    issue: "redirects_wrong",
    cause: "too_many_redirects",
    severity: Severity.HIGH,
    recommendations: ["watch_final_address", "fix_canonical_host"],
  },
  {
    rule: "http.500",
    when: statusIs(500),
    issue: "server_error",
    cause: "code_or_configuration",
    severity: Severity.CRITICAL,
    recommendations: ["read_error_log", "roll_back_last_deploy", "check_environment"],
  },
  {
    rule: "http.unavailable",
    when: statusIs(502, 503, 504),
    issue: "unavailable",
    cause: "upstream_down_or_full",
    severity: Severity.CRITICAL,
    recommendations: ["check_upstream", "check_capacity", "check_maintenance"],
  },
  {
    rule: "http.refused",
    when: statusIs(401, 403),
    issue: "access_refused",
    cause: "credentials_or_policy",
    severity: Severity.HIGH,
    recommendations: ["check_credentials", "check_access_rules"],
  },
  {
    rule: "http.gone",
    when: statusIs(404, 410),
    issue: "page_missing",
    cause: "route_removed",
    severity: Severity.HIGH,
    recommendations: ["check_last_release", "check_address"],
  },
  {
    rule: "http.limited",
    when: statusIs(429),
    issue: "rate_limited",
    cause: "too_many_requests",
    severity: Severity.MEDIUM,
    recommendations: ["check_less_often", "allow_prober"],
  },
  {
    rule: "http.5xx",
    when: (reason, _facts, worst) => reason === "status" && worst.status >= 500,
    issue: "server_error",
    cause: "server_fails",
    severity: Severity.CRITICAL,
    recommendations: ["read_error_log", "roll_back_last_deploy"],
  },
  {
    rule: "http.status",
    when: is("status"),
    issue: "unexpected_status",
    cause: "other_answer",
    severity: Severity.HIGH,
    recommendations: ["check_last_release", "check_expectation"],
  },
  {
    rule: "http.body_mismatch",
    when: is("body_mismatch"),
    issue: "unexpected_content",
    cause: "content_changed",
    severity: Severity.HIGH,
    recommendations: ["compare_page", "check_last_release"],
  },
  {
    rule: "answer.unexpected",
    when: is("assertion", "assertion_nothing", "answer_mismatch", "not_json", "capture_missing"),
    issue: "unexpected_content",
    cause: "content_changed",
    severity: Severity.HIGH,
    recommendations: ["compare_page", "check_last_release"],
  },
  {
    rule: "certificate.expires_soon",
    when: is("certificate_expires_soon"),
    issue: "certificate_ending",
    cause: "renewal_did_not_run",
    severity: Severity.HIGH,
    recommendations: ["renew_certificate", "check_renewal_job"],
  },
  {
    rule: "tls.weak",
    when: is("tls_old_version", "tls_cipher"),
    issue: "tls_weak",
    cause: "old_tls_settings",
    severity: Severity.HIGH,
    recommendations: ["check_tls_settings", "check_expectation"],
  },
  {
    rule: "network.no_answer",
    when: is("timeout_no_answer"),
    issue: "silent",
    cause: "firewall_or_overload",
    severity: Severity.CRITICAL,
    recommendations: ["check_host_alive", "check_firewall", "check_load"],
  },
  {
    rule: "network.path",
    when: is("ping_unreachable", "ping_ttl_exceeded"),
    issue: "silent",
    cause: "no_route",
    severity: Severity.CRITICAL,
    recommendations: ["check_host_alive", "check_network"],
  },
  {
    rule: "dns.records",
    when: is("dns_no_records"),
    issue: "records_wrong",
    cause: "record_removed",
    severity: Severity.HIGH,
    recommendations: ["check_zone", "check_expectation"],
  },
  {
    rule: "dns.server",
    when: is("dns_rcode", "dns_message", "dns_flag"),
    issue: "records_wrong",
    cause: "name_server_failing",
    severity: Severity.HIGH,
    recommendations: ["check_zone", "check_dns_provider", "check_expectation"],
  },
  {
    rule: "domain.expiring",
    when: is("domain_expires_soon"),
    issue: "domain_ending",
    cause: "domain_not_renewed",
    severity: Severity.HIGH,
    recommendations: ["renew_domain"],
  },
  {
    rule: "domain.lost",
    when: is("domain_expired", "domain_not_registered", "domain_withdrawn"),
    issue: "domain_lost",
    cause: "domain_not_renewed",
    severity: Severity.CRITICAL,
    recommendations: ["renew_domain", "check_spelling"],
  },
  {
    rule: "tls.not_offered",
    when: is("starttls_refused"),
    issue: "tls_broken",
    cause: "handshake_fails",
    severity: Severity.HIGH,
    recommendations: ["check_tls_settings"],
  },
  {
    rule: "protocol.other",
    when: is("wrong_protocol"),
    issue: "wrong_service",
    cause: "other_service",
    severity: Severity.HIGH,
    recommendations: ["check_scheme_and_port", "check_address"],
  },
  {
    rule: "auth.refused",
    when: is("auth_required", "auth_refused"),
    issue: "sign_in_refused",
    cause: "credentials_wrong",
    severity: Severity.HIGH,
    recommendations: ["check_sign_in", "check_access_rules"],
  },
  {
    rule: "server.loading",
    when: is("server_loading"),
    issue: "not_ready",
    cause: "starting_or_stopping",
    severity: Severity.HIGH,
    recommendations: ["wait_for_start", "read_last_logs"],
  },
  {
    rule: "server.full",
    when: is("too_many_connections"),
    issue: "connections_exhausted",
    cause: "connections_leak",
    severity: Severity.CRITICAL,
    recommendations: ["check_connections", "check_capacity"],
  },
  {
    rule: "server.error",
    when: is("command_failed"),
    issue: "server_error",
    cause: "server_fails",
    severity: Severity.HIGH,
    recommendations: ["read_error_log", "read_evidence"],
  },
  {
    rule: "database.missing",
    when: is("database_missing"),
    issue: "feature_missing",
    cause: "database_gone",
    severity: Severity.CRITICAL,
    recommendations: ["check_database_name", "check_last_release"],
  },
  {
    rule: "query.failed",
    when: is("query_failed"),
    issue: "query_fails",
    cause: "query_or_schema",
    severity: Severity.HIGH,
    recommendations: ["run_query_by_hand", "check_last_release"],
  },
  {
    rule: "query.timeout",
    when: is("query_timeout"),
    issue: "query_fails",
    cause: "query_slow",
    severity: Severity.HIGH,
    recommendations: ["check_locks", "check_load"],
  },
  {
    rule: "query.read_only",
    when: is("query_read_only"),
    issue: "query_fails",
    cause: "query_or_schema",
    severity: Severity.MEDIUM,
    recommendations: ["write_reading_query"],
  },
  {
    rule: "query.no_data",
    when: is("no_data"),
    issue: "query_fails",
    cause: "series_gone",
    severity: Severity.HIGH,
    recommendations: ["check_scrape"],
  },
  {
    rule: "nats.no_jetstream",
    when: is("jetstream_disabled"),
    issue: "feature_missing",
    cause: "feature_off",
    severity: Severity.HIGH,
    recommendations: ["enable_feature"],
  },
  {
    rule: "grpc.not_serving",
    when: is("grpc_not_serving"),
    issue: "service_not_serving",
    cause: "service_unhealthy",
    severity: Severity.CRITICAL,
    recommendations: ["check_service_dependencies", "read_last_logs"],
  },
  {
    rule: "grpc.unknown",
    when: is("grpc_service_unknown"),
    issue: "service_not_serving",
    cause: "service_not_registered",
    severity: Severity.HIGH,
    recommendations: ["check_service_name", "check_last_release"],
  },
  {
    rule: "grpc.no_health",
    when: is("grpc_no_health"),
    issue: "feature_missing",
    cause: "feature_off",
    severity: Severity.HIGH,
    recommendations: ["enable_feature"],
  },
  {
    rule: "grpc.status",
    when: is("grpc_status"),
    issue: "server_error",
    cause: "server_fails",
    severity: Severity.HIGH,
    recommendations: ["read_error_log", "check_service_dependencies"],
  },
  {
    rule: "websocket.subprotocol",
    when: is("subprotocol_refused"),
    issue: "feature_missing",
    cause: "feature_off",
    severity: Severity.HIGH,
    recommendations: ["enable_feature", "check_last_release"],
  },
  {
    rule: "websocket.closed",
    when: is("closed_early"),
    issue: "broken_answer",
    cause: "answer_cut",
    severity: Severity.HIGH,
    recommendations: ["read_last_logs", "check_proxy_timeouts"],
  },
  {
    rule: "auth.no_token",
    when: is("token_failed"),
    issue: "no_token",
    cause: "token_server_fails",
    severity: Severity.HIGH,
    recommendations: ["check_credentials"],
  },
  {
    rule: "proxy.failing",
    when: is("proxy_unreachable", "proxy_refused"),
    issue: "proxy_in_the_way",
    cause: "proxy_fails",
    severity: Severity.MEDIUM,
    recommendations: ["check_proxy_of_checks"],
  },
  {
    rule: "http.version",
    when: is("http2_not_offered"),
    issue: "http2_missing",
    cause: "http2_switched_off",
    severity: Severity.MEDIUM,
    recommendations: ["check_tls_settings", "check_expectation"],
  },
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
    when: is("slow"),
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
