import type { Catalogue } from "../catalogue.ts";

export const imports = {
  "cli.help.import": `sentinel import – bring monitors over from another program

Usage: sentinel import SOURCE FILE… [--write sentinel.yaml]

  gatus FILE…        its YAML configuration; of several files the lists are joined
  blackbox FILE…     blackbox.yml with Prometheus’s scrape configuration and files of targets
  uptime-kuma FILE   its database, kuma.db, which is only read
  uptimerobot FILE…  the answer of its API as JSON, or its CSV export
  -w, --write FILE   write the monitors there; a file that exists is left alone (default: to stdout)
  --lang en|fr       the language

Examples:
  sentinel import gatus config.yaml --write sentinel.yaml
  sentinel import blackbox blackbox.yml prometheus.yml targets.json > sentinel.yaml

On stderr it says of every key what it became: kept, changed and how, or not kept and why. Secrets are never printed: each is
referred to as a SENTINEL_SECRET_ variable, whose name is told, to be set where the prober runs.
Exit codes: 0 at least one monitor, 1 none or a file cannot be read, 2 wrong command line
`,
  "import.mapped": "Kept ({count}):",
  "import.changed": "Changed ({count}):",
  "import.lost": "Not kept ({count}):",
  "import.secrets": "Secrets to set in the environment of the prober:",
  "import.done": "{monitors} monitors from {entries} entries.",
  "import.written": "{monitors} monitors from {entries} entries, written to {file}.",
  "import.why.secret": "it holds a secret or a variable; set {names}",
  "import.why.parameters_left_out": "parameters that look like secrets were left out of the address: {names}",
  "import.why.unknown_key": "not known to this importer",
  "import.why.refused": "the monitor would not be accepted. {problem}",
  "import.why.condition_unreadable": "the condition cannot be read",
  "import.why.condition_connected": "a check cannot expect that no connection is made",
  "import.why.condition_operator": "there is no such comparison for this",
  "import.why.condition_json": "JSON is looked at in HTTP answers only",
  "import.why.condition_length": "the length of a value cannot be asserted",
  "import.why.condition_ip": "the address that was dialled cannot be asserted",
  "import.why.condition_unknown": "no such placeholder is known",
  "import.why.fails_closed": "fails where there is no such number; Gatus takes 0 for it and may pass",
  "import.why.whole_days": "rounded up to whole days",
  "import.why.push_kind": "a target that reports itself is no check by address; heartbeats are set up apart",
  "import.why.suites": "suites are written as scenarios by hand",
  "import.why.channels": "who is told is set under “notifications”",
  "import.why.other_program": "belongs to the other program, not to a monitor",
  "import.why.maintenance": "maintenance windows are set up apart",
  "import.why.canaries": "Sentinel judges by itself whether it is well",
  "import.why.tunnel": "there are no SSH tunnels",
  "import.why.address_form": "written as an address with the kind of check as its scheme",
  "import.why.graphql": "the query is sent as JSON",
  "import.why.kind_has_none": "this kind of check has no such option",
  "import.why.resolver": "names are resolved by the system’s resolvers",
  "import.why.client_files": "certificates and keys are given as text, keys as secrets: add them under “tls”",
  "import.why.iap": "Google’s identity-aware proxy is not spoken",
  "import.why.proxy_credentials": "a proxy with a password or a variable in its address is not taken over",
  "import.why.domain_endpoint": "an endpoint of its own, which asks the registry; give the registered name",
  "import.why.implied": "without a connection every check fails",
  "import.why.usual_statuses": "only the usual statuses of the range are listed, at most 20",
  "import.why.span_limits": "moved into the limits: intervals from 1s to 1d, timeouts from 50ms to 60s",
  "import.why.one_threshold": "one threshold for all, the largest",
  "import.why.kind_unknown": "there is no kind of check for this ({kind})",
  "import.why.no_probe_job": "does not go through blackbox_exporter’s /probe",
  "import.why.targets_file_missing": "give the file of targets on the command line as well",
  "import.why.job_as_tag": "the job is a tag now",
  "import.why.relabelled": "the target is the address; further rules are not applied",
  "import.why.discovery": "targets that are discovered are not known here",
  "import.why.label_as_tag": "the label is a tag now",
  "import.why.module_missing": "there is no module {module} in the files; 2xx over HTTP is expected",
  "import.why.module_unused": "no target uses this module",
  "import.why.either_family": "both families are tried",
  "import.why.missing_header": "a header that is missing is judged otherwise: look at this one",
  "import.why.secret_file": "put the content of the file into a SENTINEL_SECRET_ variable and name it",
  "import.why.by_lines": "looked for in all that came, not line by line",
  "import.why.capture_in_send": "what was received cannot be sent back",
  "import.why.starttls_dialogue": "STARTTLS is an option with the name of the protocol: add “starttls”",
  "import.why.first_rcode": "only the first code is expected",
  "import.why.record_lines": "records are compared as values: add them under “dns.expect”",
  "import.why.history": "results of the past stay behind ({rows} rows)",
  "import.why.proxies": "proxies are named in each monitor: add “http.proxy”",
  "import.why.status_pages": "status pages are set up apart ({rows} rows)",
  "import.why.other_table": "not about monitors ({rows} rows)",
  "import.why.upside_down": "a check cannot expect failure",
  "import.why.group": "its name is a tag of its monitors",
  "import.why.bookkeeping": "the other program’s own record",
  "import.why.not_json": "it cannot be read",
  "import.why.certificate_warning": "degraded when fewer than 14 days are left",
  "import.why.most_redirects": "at most 10 are followed",
  "import.why.auth_way": "this way to sign in is not known",
  "import.why.jsonata": "JSONata beyond plain paths is not known; write a JSONPath",
  "import.why.retries": "retries are failures in a row here, the first one counted",
  "import.why.group_as_tag": "the group is a tag now",
  "import.why.retry_interval": "failures are confirmed without an interval of their own",
  "import.why.no_description": "monitors have no description",
  "import.why.first_server": "only the first server is asked",
  "import.why.headers_apart": "each header by itself",
  "import.why.needs_body": "GET, since HEAD has no body to look at",
} satisfies Catalogue;
