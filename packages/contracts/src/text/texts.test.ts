import { describe, expect, test } from "@jest/globals";
import type { Catalogue, Sentence, TextParams } from "./catalogue.ts";
import { catalogue as en } from "./en/index.ts";
import { catalogue as fr } from "./fr/index.ts";
import { hasText, renderReason, renderText } from "./index.ts";

const KEYS = Object.keys(en);

/** Names a sentence asks for; a name it only uses when known counts too. */
function namesOf(sentence: Sentence | undefined, count: string): readonly string[] {
  if (sentence === undefined) return [];
  const names = new Set<string>();
  const params: TextParams = new Proxy(
    {},
    {
      get: (_target, name) => {
        names.add(String(name));
        return count;
      },
    },
  );
  if (typeof sentence === "function") sentence(params, "en");
  else for (const match of sentence.matchAll(/\{(\w+)\}/g)) names.add(match[1] ?? "");
  return [...names].toSorted();
}

/** What a reader may see of a sentence: with all facts, with one of each, with none. */
function formsOf(catalogue: Catalogue, key: string, locale: "en" | "fr"): readonly string[] {
  const sentence = catalogue[key] ?? "";
  if (typeof sentence === "string") return [sentence];
  const all = (count: string): TextParams => new Proxy({}, { get: () => count });
  return [sentence(all("1"), locale), sentence(all("7"), locale), sentence({}, locale)];
}

const REASONS = [
  "unknown",
  "bad_url",
  "scheme_not_allowed",
  "credentials_in_url",
  "address_forbidden",
  "address_metadata",
  "dns_nxdomain",
  "dns_no_address",
  "dns_failed",
  "timeout_in_dns",
  "connect_refused",
  "connect_reset",
  "connect_unreachable",
  "timeout_in_connect",
  "tls_expired",
  "tls_not_yet_valid",
  "tls_hostname",
  "tls_untrusted",
  "tls_self_signed",
  "tls_wrong_version",
  "tls_handshake",
  "timeout_in_tls",
  "empty_reply",
  "reset",
  "truncated",
  "protocol",
  "headers_too_large",
  "timeout_in_first_byte",
  "timeout_in_transfer",
  "body_too_large",
  "decompression_bomb",
  "redirect_loop",
  "too_many_redirects",
  "status",
  "body_mismatch",
  "slow",
  "slower_than_usual",
  "assertion",
  "assertion_nothing",
  "not_json",
  "assertion_too_costly",
  "answer_mismatch",
  "starttls_refused",
  "wrong_protocol",
  "auth_required",
  "auth_refused",
  "server_loading",
  "too_many_connections",
  "command_failed",
  "database_missing",
  "query_failed",
  "query_timeout",
  "query_read_only",
  "rows_cut",
  "no_data",
  "jetstream_disabled",
  "grpc_not_serving",
  "grpc_service_unknown",
  "grpc_no_health",
  "grpc_status",
  "subprotocol_refused",
  "closed_early",
  "capture_missing",
  "token_failed",
  "proxy_unreachable",
  "proxy_refused",
  "http2_not_offered",
  "secret_missing",
  "timeout_no_answer",
  "tls_old_version",
  "tls_cipher",
  "certificate_expires_soon",
  "dns_rcode",
  "dns_no_records",
  "dns_flag",
  "dns_message",
  "resolver_unusable",
  "ping_unreachable",
  "ping_ttl_exceeded",
  "ping_missing",
  "ping_not_allowed",
  "ping_failed",
  "domain_expires_soon",
  "domain_expired",
  "domain_not_registered",
  "domain_withdrawn",
  "domain_no_expiry",
  "rdap_unsupported",
  "rdap_limited",
  "rdap_failed",
  "heartbeat_missed",
  "heartbeat_failed",
  "heartbeat_overrun",
  "heartbeat_awaited",
  "heartbeat_unheard",
  "heartbeat_unasked",
  "page_text_missing",
  "page_element_missing",
  "page_element_unusable",
  "page_element_visible",
  "page_selector",
  "page_url",
  "page_script",
  "page_script_late",
  "page_dialogs",
  "page_hangs",
  "page_crashed",
  "page_download",
  "page_not_opened",
  "browser_missing",
  "browser_failed",
  "browser_busy",
  "prober_overloaded",
  "check_broke",
  "late",
  "still_running",
  "prober_stopped",
  "prober_lost",
  "spool_full",
  "broker_forgot",
  "not_watched",
  "broker_away",
  "no_prober",
  "prober_gone",
  "prober_silent",
  "not_assigned",
  "not_judged",
  "result_too_large",
  "not_verified",
  "outcome_unknown",
  "incident_closed",
  "interrupted",
  "deadline_passed",
  "smtp_refused",
  "smtp_no_tls",
  "http_status",
  "not_configured",
];

describe("the two catalogues", () => {
  test("have the same keys", () => {
    expect(Object.keys(fr).toSorted()).toEqual(KEYS.toSorted());
  });

  test.each(KEYS)("%s names the same facts in both languages", (key) => {
    expect(namesOf(fr[key], "1")).toEqual(namesOf(en[key], "1"));
    expect(namesOf(fr[key], "7")).toEqual(namesOf(en[key], "7"));
  });

  test.each(KEYS)("%s is written with French spaces before double signs and inside guillemets", (key) => {
    for (const form of formsOf(fr, key, "fr")) {
      expect(form).not.toMatch(/« | »| [:;?!](?:\s|$)|[^\s\u202f/]»|«[^\s\u202f]/);
      expect(form).not.toMatch(/'/);
    }
  });

  test.each(KEYS)("%s, where it is a sentence, is not left untranslated", (key) => {
    const words = formsOf(en, key, "en")[0]?.replaceAll(/\{\w+\}|\b[17]\b/g, "") ?? "";
    if ((words.match(/\p{L}{2,}/gu) ?? []).length < 3) return;
    expect(formsOf(fr, key, "fr")[0]).not.toBe(formsOf(en, key, "en")[0]);
  });
});

describe.each(["en", "fr"] as const)("reasons in %s", (locale) => {
  test.each(REASONS)("%s has a sentence, with and without its facts", (reason) => {
    expect(hasText(locale, `reason.${reason}`)).toBe(true);
    expect(renderReason(locale, reason)).toMatch(/^[^{}]+\.$/);
  });

  test.each(["off", "observe", "dry_run", "cooldown", "hourly_cap", "global_cap", "one_at_a_time", "not_applicable"])(
    "a repair withheld for %s is explained",
    (reason) => {
      expect(renderText(locale, `withheld.${reason}`)).toMatch(/^[^{}]+\.$/);
    },
  );
});

test("a refused connection names host and port where they are known", () => {
  const params = { host: "shop.example", port: "8081", address: "192.0.2.1" };
  expect(renderReason("en", "connect_refused", params)).toBe("shop.example refuses connections on port 8081.");
  expect(renderReason("fr", "connect_refused", params)).toBe("shop.example refuse les connexions sur le port 8081.");
  expect(renderReason("en", "connect_refused")).toBe("The host refuses connections.");
});

test("spans of time are written for the reader", () => {
  const params = { latencyMs: "1500", limitMs: "1000" };
  expect(renderReason("en", "slow", params)).toBe("The answer took 1.5 s; the limit is 1 s.");
  expect(renderReason("fr", "slow", params)).toBe("La réponse a pris 1,5 s\u202f; la limite est de 1 s.");
});

test("an empty reason is the unknown one, and a code without a sentence is shown as it is", () => {
  expect(renderReason("en", "")).toBe("The reason is not known.");
  expect(renderText("en", "reason.never_heard_of")).toBe("reason.never_heard_of");
});

test.each<readonly [string, Readonly<Record<string, string>>, string, string]>([
  [
    "assertion",
    { subject: "status", comparison: "one_of", expected: "200, 204", actual: "503" },
    "The status is 503; expected: one of 200, 204.",
    "Le statut : 503 ; attendu : l’un de 200, 204.",
  ],
  [
    "assertion",
    { subject: "phase first_byte", comparison: "at_most", expected: "1500", actual: "62000.4" },
    "The time of the wait for the first byte is 1 min 2 s; expected: at most 1.5 s.",
    "Le temps de l’attente du premier octet : 1 min 2 s ; attendu : au plus 1,5 s.",
  ],
  [
    "assertion",
    { subject: "json $.state", comparison: "is", expected: "ok", actual: "{of}" },
    "The JSON value $.state is “{of}”; expected: “ok”.",
    "La valeur JSON $.state : « {of} » ; attendu : « ok ».",
  ],
  [
    "assertion_nothing",
    { subject: "certificate_days", comparison: "above", expected: "14" },
    "What is left of the certificate is not there; expected: more than 14 days.",
    "Le reste du certificat n’est pas là ; attendu : plus de 14 jours.",
  ],
])("a failed %s reads as a sentence: %j", (reason, params, english, french) => {
  expect(renderReason("en", reason, params)).toBe(english);
  expect(renderReason("fr", reason, params)).toBe(french);
});

test("an answer that an assertion refuses is not said to lack a text", () => {
  const params = {
    host: "shop.example",
    subject: "json $.queue",
    comparison: "at_most",
    expected: "100",
    actual: "412",
  };
  expect(renderText("en", "issue.unexpected_content", params)).toBe("The answer of shop.example is not as expected");
  expect(renderText("fr", "recommendation.compare_page", params)).toMatch(/^Comparez la réponse, dans les preuves/);
  const page = { host: "shop.example", expected: "Welcome" };
  expect(renderText("en", "issue.unexpected_content", page)).toBe("The page on shop.example lacks “Welcome”");
});
