import { type EndpointResult, RepairMode, Severity } from "@sentinel/contracts";
import { type Facts, is, type Rule } from "./diagnosis-rule.ts";

const IDLE_MS = 10 * 60_000;

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

const ofAnotherKind = (url: string): boolean => /^(?!https?:)[\w+.-]+:/i.test(url);

/** What keeps any address from being reached, and what HTTP answers. */
export const HTTP_RULES: readonly Rule[] = [
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
    when: (reason, _facts, { url }) => reason === "protocol" && !ofAnotherKind(url),
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
];
