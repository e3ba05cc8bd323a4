import { z } from "zod";
import { pattern } from "../pattern.ts";
import { issue } from "../problem.ts";
import { parseGoBytes, parseGoDuration } from "./go-values.ts";

/** A span as Go writes it, such as "5s" or "1m30s"; milliseconds. */
const duration = z.string().transform((text, context) => {
  const ms = parseGoDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", ...issue("bad_duration", { value: text.slice(0, 40) }) });
  return z.NEVER;
});

/** "1MB" and the like; bytes. */
const bytes = z.union([z.string(), z.number()]).transform((value, context) => {
  const size = parseGoBytes(String(value));
  if (size !== undefined) return size;
  context.addIssue({ code: "custom", ...issue("bad_format", { value: String(value).slice(0, 40) }) });
  return z.NEVER;
});

const VERSIONS = ["TLS10", "TLS11", "TLS12", "TLS13"] as const;

const tlsConfig = z.strictObject({
  ca_file: z.string().optional(),
  cert_file: z.string().optional(),
  key_file: z.string().optional(),
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
  server_name: z.string().optional(),
  insecure_skip_verify: z.boolean().optional(),
  min_version: z.enum(VERSIONS).optional(),
});

const family = {
  preferred_ip_protocol: z.enum(["ip4", "ip6", ""]).default(""),
  ip_protocol_fallback: z.boolean().default(true),
};

const headerMatch = z.strictObject({
  header: z.string().min(1),
  regexp: pattern,
  allow_missing: z.boolean().default(false),
});

const http = z.strictObject({
  ...family,
  valid_status_codes: z.array(z.int()).default([]),
  valid_http_versions: z.array(z.string()).default([]),
  skip_resolve_phase_with_proxy: z.boolean().default(false),
  no_follow_redirects: z.boolean().optional(),
  follow_redirects: z.boolean().default(true),
  enable_http2: z.boolean().default(true),
  fail_if_ssl: z.boolean().default(false),
  fail_if_not_ssl: z.boolean().default(false),
  method: z.string().default("GET"),
  headers: z.record(z.string(), z.coerce.string()).default({}),
  fail_if_body_matches_regexp: z.array(pattern).default([]),
  fail_if_body_not_matches_regexp: z.array(pattern).default([]),
  fail_if_header_matches: z.array(headerMatch).default([]),
  fail_if_header_not_matches: z.array(headerMatch).default([]),
  body: z.string().optional(),
  body_file: z.string().optional(),
  compression: z.enum(["gzip", "br", "deflate", "identity", ""]).default(""),
  body_size_limit: bytes.optional(),
  basic_auth: z
    .strictObject({
      username: z.string().default(""),
      username_file: z.string().optional(),
      password: z.string().optional(),
      password_file: z.string().optional(),
    })
    .optional(),
  authorization: z
    .strictObject({
      type: z.string().default("Bearer"),
      credentials: z.string().optional(),
      credentials_file: z.string().optional(),
    })
    .optional(),
  bearer_token: z.string().optional(),
  bearer_token_file: z.string().optional(),
  oauth2: z
    .strictObject({
      client_id: z.string(),
      client_secret: z.string().optional(),
      client_secret_file: z.string().optional(),
      scopes: z.array(z.string()).default([]),
      token_url: z.string(),
    })
    .optional(),
  proxy_url: z.string().optional(),
  tls_config: tlsConfig.default({}),
});

const tcp = z.strictObject({
  ...family,
  query_response: z
    .array(
      z.strictObject({
        expect: pattern.optional(),
        send: z.string().optional(),
        starttls: z.boolean().default(false),
      }),
    )
    .default([]),
  tls: z.boolean().default(false),
  tls_config: tlsConfig.default({}),
});

const validator = z
  .strictObject({
    fail_if_matches_regexp: z.array(pattern).default([]),
    fail_if_all_match_regexp: z.array(pattern).default([]),
    fail_if_not_matches_regexp: z.array(pattern).default([]),
    fail_if_none_matches_regexp: z.array(pattern).default([]),
  })
  .prefault({});

const dns = z.strictObject({
  ...family,
  dns_over_tls: z.boolean().default(false),
  tls_config: tlsConfig.default({}),
  transport_protocol: z.enum(["udp", "tcp", ""]).default("udp"),
  query_name: z.string().min(1),
  query_type: z.string().default("ANY"),
  query_class: z.string().default("IN"),
  recursion_desired: z.boolean().default(true),
  valid_rcodes: z.array(z.string()).default([]),
  validate_answer_rrs: validator,
  validate_authority_rrs: validator,
  validate_additional_rrs: validator,
});

const icmp = z.strictObject({
  ...family,
  payload_size: z.int().min(0).max(65_467).default(28),
  dont_fragment: z.boolean().default(false),
  ttl: z.int().min(0).max(255).default(64),
});

const grpc = z.strictObject({
  ...family,
  service: z.string().default(""),
  tls: z.boolean().default(false),
  tls_config: tlsConfig.default({}),
});

const SECTIONS = { http, tcp, dns, icmp, grpc };

export const blackboxModule = z
  .strictObject({
    prober: z.enum(["http", "tcp", "dns", "icmp", "grpc"]),
    timeout: duration.default(0),
    http: http.prefault({}),
    tcp: tcp.prefault({}),
    dns: dns.optional(),
    icmp: icmp.prefault({}),
    grpc: grpc.prefault({}),
  })
  .superRefine((module, context) => {
    if (module.prober === "dns" && module.dns === undefined) {
      context.addIssue({ code: "custom", path: ["dns"], ...issue("missing", { key: "dns.query_name" }) });
    }
  });

export const blackboxFile = z.strictObject({ modules: z.record(z.string(), blackboxModule).default({}) });

/** One module of a `blackbox.yml`, with every default filled in; spans in milliseconds, sizes in bytes. */
export type BlackboxModule = z.infer<typeof blackboxModule>;
export type BlackboxHttp = z.infer<typeof http>;
export type BlackboxTcp = z.infer<typeof tcp>;
export type BlackboxDns = z.infer<typeof dns>;
export type BlackboxIcmp = z.infer<typeof icmp>;
export type BlackboxGrpc = z.infer<typeof grpc>;
export type BlackboxTls = z.infer<typeof tlsConfig>;
export type BlackboxValidator = z.infer<typeof validator>;

/** Every key that stands somewhere in a module, for naming the nearest one. */
export const BLACKBOX_KEYS: readonly string[] = [
  "modules",
  ...Object.keys(blackboxModule.shape),
  ...Object.values(SECTIONS).flatMap((section) => Object.keys(section.shape)),
  ...Object.keys(tlsConfig.shape),
  ...Object.keys(headerMatch.shape),
];
