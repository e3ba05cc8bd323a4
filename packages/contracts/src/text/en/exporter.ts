import type { Catalogue } from "../catalogue.ts";

export const exporter = {
  "cli.help.probe-exporter": `sentinel probe-exporter – answer Prometheus as blackbox_exporter does

Usage: sentinel probe-exporter [options]

  -c, --config FILE         modules in the format of blackbox_exporter (default: ./blackbox.yml)
  -p, --port N              the port of /probe (default: 9115)
  --host ADDRESS            the address to listen on (default: 127.0.0.1)
  --allow CIDR,…            ranges besides public addresses that may be probed when --host is no loopback address
  --timeout-offset SECONDS  taken off what Prometheus waits for (default: 0.5)
  --lang en|fr              the language of what is said here

Examples:
  sentinel probe-exporter --config /etc/prometheus/blackbox.yml
  curl "http://127.0.0.1:9115/probe?module=http_2xx&target=https://example.com&debug=true"

POST /-/reload reads the file again. On loopback, private targets may be probed; cloud metadata addresses never.
What differs from blackbox_exporter, and why, stands in docs/prometheus.md.
Exit codes: 0 stopped as asked, 1 could not start, 2 wrong command line
`,
  "cli.exporter_ready": "Answering probes on {url}/probe, with {modules} modules of {file}. Ctrl-C stops it.",
} satisfies Catalogue;
