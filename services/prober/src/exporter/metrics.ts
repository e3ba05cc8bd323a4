/** Every metric that a probe may give, with its help text. Those without a type of their own are gauges, as all of these are. */
export const METRICS = {
  probe_success: "Displays whether or not the probe was a success",
  probe_duration_seconds: "Returns how long the probe took to complete in seconds",
  probe_dns_lookup_time_seconds: "Returns the time taken for probe dns lookup in seconds",
  probe_ip_protocol: "Specifies whether probe ip protocol is IP4 or IP6",
  probe_ip_addr_hash: "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
  probe_failed_due_to_regex: "Indicates if probe failed due to regex",
  probe_http_duration_seconds: "Duration of http request by phase, summed over all redirects",
  probe_http_status_code: "Response HTTP status code",
  probe_http_content_length: "Length of http content response",
  probe_http_uncompressed_body_length: "Length of uncompressed response body",
  probe_http_redirects: "The number of redirects",
  probe_http_ssl: "Indicates if SSL was used for the final redirect",
  probe_http_version: "Returns the version of HTTP of the probe response",
  probe_http_last_modified_timestamp_seconds: "Returns the Last-Modified HTTP response header in unixtime",
  probe_ssl_earliest_cert_expiry: "Returns the earliest expiry of the chain's certificates in unixtime",
  probe_ssl_last_chain_expiry_timestamp_seconds: "Returns last SSL chain expiry in timestamp",
  probe_ssl_last_chain_info: "Contains SSL leaf certificate information",
  probe_tls_version_info: "Contains the TLS version used",
  probe_dns_duration_seconds: "Duration of DNS request by phase",
  probe_dns_answer_rrs: "Returns number of entries in the answer resource record list",
  probe_dns_authority_rrs: "Returns number of entries in the authority resource record list",
  probe_dns_additional_rrs: "Returns number of entries in the additional resource record list",
  probe_dns_query_succeeded: "Displays whether or not the query was executed successfully",
  probe_dns_serial: "Returns the serial number of the zone",
  probe_icmp_duration_seconds: "Duration of icmp request by phase",
  probe_icmp_reply_hop_limit: "Replied packet hop limit (TTL for ipv4)",
  probe_grpc_duration_seconds: "Duration of gRPC request by phase",
  probe_grpc_ssl: "Indicates if SSL was used for the connection",
  probe_grpc_status_code: "Response gRPC status code",
  probe_grpc_healthcheck_response: "Response HealthCheck response",
  sentinel_probe_reason_info: "Why the probe failed, as a code of Sentinel's reason table",
} as const;

type MetricName = keyof typeof METRICS;
export type Labels = Readonly<Record<string, string>>;

/** The metrics of one probe. */
export interface Metrics {
  set(name: MetricName, value: number, labels?: Labels): void;
  add(name: MetricName, value: number, labels?: Labels): void;
  /** In Prometheus's text format, by name and labels. */
  text(): string;
}

export function createMetrics(): Metrics {
  const values = new Map<MetricName, Map<string, number>>();
  const set: Metrics["set"] = (name, value, labels = {}) => {
    const series = values.get(name) ?? new Map<string, number>();
    values.set(name, series.set(labelText(labels), value));
  };
  return {
    set,
    add: (name, value, labels = {}) => set(name, (values.get(name)?.get(labelText(labels)) ?? 0) + value, labels),
    text: () =>
      [...values]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, series]) => family(name, series))
        .join(""),
  };
}

function family(name: MetricName, series: ReadonlyMap<string, number>): string {
  const lines = [...series]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([labels, value]) => `${name}${labels} ${value}\n`);
  return `# HELP ${name} ${METRICS[name]}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function labelText(labels: Labels): string {
  const texts = Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${escaped(value)}"`);
  return texts.length === 0 ? "" : `{${texts.join(",")}}`;
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
