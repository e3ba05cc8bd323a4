/** The `blackbox.yml` that both exporters run on; JSON is YAML. */
export function modulesFor(authority: string): string {
  const ip4 = { preferred_ip_protocol: "ip4" };
  const http = (options: object = {}, timeout = "5s") => ({ prober: "http", timeout, http: { ...ip4, ...options } });
  const tcp = (options: object = {}, timeout = "5s") => ({ prober: "tcp", timeout, tcp: { ...ip4, ...options } });
  const dns = (options: object = {}, timeout = "5s") => ({
    prober: "dns",
    timeout,
    dns: { ...ip4, query_name: "shop.test", query_type: "A", ...options },
  });
  const grpc = (options: object = {}, timeout = "5s") => ({ prober: "grpc", timeout, grpc: { ...ip4, ...options } });
  const trusting = { tls_config: { ca_file: authority } };
  const modules = {
    http: http(),
    http_short: http({}, "600ms"),
    http_201: http({ valid_status_codes: [201, 404] }),
    http_302: http({ valid_status_codes: [302], follow_redirects: false }),
    http_no_redirects: http({ follow_redirects: false }),
    http_head: http({ method: "HEAD" }),
    http_post: http({ method: "POST", body: "hello", headers: { "X-Probe": "yes" } }),
    http_host: http({ headers: { Host: "shop.test" } }),
    http_basic: http({ basic_auth: { username: "probe", password: "open sesame" } }),
    http_bearer: http({ authorization: { credentials: "open sesame" } }),
    http_body_needed: http({ fail_if_body_not_matches_regexp: ["^o", "k$"] }),
    http_body_unwanted: http({ fail_if_body_matches_regexp: ["(?i)ERROR"] }),
    http_header_needed: http({ fail_if_header_not_matches: [{ header: "x-state", regexp: "^ready$" }] }),
    http_header_unwanted: http({ fail_if_header_matches: [{ header: "X-State", regexp: "ready" }] }),
    http_header_optional: http({
      fail_if_header_not_matches: [{ header: "x-absent", regexp: "^a$", allow_missing: true }],
      fail_if_header_matches: [{ header: "x-missing", regexp: "^a$", allow_missing: true }],
    }),
    http_version_1: http({ valid_http_versions: ["HTTP/1.1"] }),
    http_version_2: http({ valid_http_versions: ["HTTP/2.0"] }),
    http_gzip: http({ compression: "gzip", headers: { "Accept-Encoding": "gzip" } }),
    http_gzip_body: http({
      compression: "gzip",
      headers: { "Accept-Encoding": "gzip" },
      fail_if_body_not_matches_regexp: ["packed"],
    }),
    http_limit: http({ body_size_limit: "1KB" }),
    http_not_ssl: http({ fail_if_not_ssl: true }),
    https: http(trusting),
    https_http1: http({ ...trusting, enable_http2: false }),
    https_any: http({ tls_config: { insecure_skip_verify: true } }),
    https_named: http({ tls_config: { ca_file: authority, server_name: "shop.test" } }),
    https_fail_if_ssl: http({ ...trusting, fail_if_ssl: true }),
    https_needed: http({ ...trusting, fail_if_not_ssl: true }),
    tcp: tcp(),
    tcp_short: tcp({ query_response: [{ expect: "^never" }] }, "600ms"),
    tcp_banner: tcp({ query_response: [{ expect: "^SSH-2.0-" }] }),
    tcp_dialogue: tcp({
      query_response: [
        { expect: "^220 (\\w+)", send: "EHLO ${1}" },
        { expect: "^250 hello (.*)$", send: "QUIT $1" },
      ],
    }),
    tcp_irc: tcp({
      query_response: [
        { send: "NICK prober" },
        { expect: "PING :([^ ]+)", send: "PONG ${1}" },
        { expect: "^:[^ ]+ 001" },
      ],
    }),
    tcp_tls: tcp({ tls: true, ...trusting }),
    tcp_tls_any: tcp({ tls: true, tls_config: { insecure_skip_verify: true } }),
    tcp_starttls: tcp({
      query_response: [
        { expect: "^220 ", send: "STARTTLS" },
        { expect: "^220 go", starttls: true },
        { expect: "^secure" },
      ],
      ...trusting,
    }),
    dns: dns(),
    dns_short: dns({}, "600ms"),
    dns_tcp: dns({ transport_protocol: "tcp" }),
    dns_mx: dns({
      query_type: "MX",
      validate_answer_rrs: { fail_if_not_matches_regexp: ["\\tMX\\t10 mail\\.shop\\.test\\.$"] },
    }),
    dns_soa: dns({ query_type: "SOA" }),
    dns_txt: dns({
      query_type: "TXT",
      validate_answer_rrs: { fail_if_none_matches_regexp: ['^shop\\.test\\.\\t30\\tIN\\tTXT\\t"v=spf1 -all"$'] },
    }),
    dns_nxdomain: dns({ query_name: "gone.test", valid_rcodes: ["NXDOMAIN"] }),
    dns_gone: dns({ query_name: "gone.test" }),
    dns_servfail: dns({ query_name: "broken.test" }),
    dns_empty: dns({ query_name: "empty.test", validate_answer_rrs: { fail_if_not_matches_regexp: ["x"] } }),
    dns_unwanted: dns({ validate_answer_rrs: { fail_if_matches_regexp: ["192\\.0\\.2\\.9"] } }),
    dns_all: dns({ validate_answer_rrs: { fail_if_all_match_regexp: ["192\\.0\\.2\\."] } }),
    dns_not_all: dns({ validate_answer_rrs: { fail_if_all_match_regexp: ["192\\.0\\.2\\.9"] } }),
    dns_some: dns({ validate_answer_rrs: { fail_if_none_matches_regexp: ["192\\.0\\.2\\.9$"] } }),
    dns_authority: dns({
      query_name: "gone.test",
      valid_rcodes: ["NXDOMAIN"],
      validate_authority_rrs: { fail_if_not_matches_regexp: ["SOA"] },
    }),
    dns_garbage: dns({ query_name: "garbage.test" }, "600ms"),
    icmp: { prober: "icmp", timeout: "5s", icmp: ip4 },
    grpc: grpc(),
    grpc_short: grpc({}, "600ms"),
    grpc_shop: grpc({ service: "shop" }),
    grpc_gone: grpc({ service: "gone" }),
    grpc_down: grpc({ service: "down" }),
    grpc_tls: grpc({ tls: true, ...trusting }),
  };
  return JSON.stringify({ modules }, undefined, 1);
}
