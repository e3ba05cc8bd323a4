import type { Difference } from "./exposition.ts";

/** Where ours gives another answer on purpose. The table in docs/prometheus.md is this one. */
export interface Deviation {
  readonly what: string;
  readonly theirs: string;
  readonly ours: string;
  readonly why: string;
  /** The cases in which it shows, as they are named, and the series that differ there. Absent where no metric differs. */
  readonly shows?: { readonly cases: readonly string[]; readonly series: RegExp };
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    what: "Why a probe failed",
    theirs: "not exported",
    ours: '`sentinel_probe_reason_info{reason="…"}`, absent when the probe succeeded',
    why: "an alert can say that a name is gone or a certificate ended, instead of status 0",
  },
  {
    what: "Time of a phase that fails or hangs",
    theirs: "0",
    ours: "charged to the phase in progress",
    why: "the phases of a hang add up to its duration",
  },
  {
    what: "`fail_if_all_match_regexp` of DNS",
    theirs: "fails where not all records match",
    ours: "fails where all records match",
    why: "this is what the option is named and documented for",
    shows: { cases: ["dns_all 127.0.0.1:{dns}", "dns_not_all 127.0.0.1:{dns}"], series: /^probe_success$/ },
  },
  {
    what: "`hostname` for TCP",
    theirs: "ignored in 0.23, the TLS server's name in later versions",
    ours: "the TLS server's name",
    why: "the later versions' meaning",
    shows: {
      cases: ["tcp_tls 127.0.0.1:{other}&hostname=shop.test"],
      series: /^probe_success$|^probe_ssl_|^probe_tls_/,
    },
  },
  {
    what: "`probe_ssl_earliest_cert_expiry` of gRPC without TLS",
    theirs: "0",
    ours: "absent",
    why: "an alert on certificates that end soon would fire for a connection that has none",
    shows: {
      cases: ["grpc", "grpc_shop", "grpc_down", "grpc_gone"]
        .map((module) => `${module} 127.0.0.1:{grpc}`)
        .concat("grpc 127.0.0.1:{closed}"),
      series: /^probe_ssl_earliest_cert_expiry$/,
    },
  },
  {
    what: "Credentials across origins",
    theirs: "`basic_auth`, tokens and client certificates are shown to whoever is redirected to",
    ours: "shown to the first origin only",
    why: "a redirect must not collect passwords",
  },
  {
    what: "Forbidden addresses",
    theirs: "anything is dialled",
    ours: "cloud metadata never; private addresses only where the exporter listens on loopback or `--allow` names them",
    why: "whoever can reach `/probe` could otherwise read what only this machine can",
  },
  {
    what: "User name and password in a target's address",
    theirs: "sent as basic authentication",
    ours: "`credentials_in_url`",
    why: "targets are labels, which everybody sees; write `basic_auth`",
  },
  {
    what: "Largest body",
    theirs: "without a limit",
    ours: "10 MB as received and 50 MB decoded, less where `body_size_limit` says so",
    why: "an endless answer must not fill the memory",
  },
  {
    what: "Regular expressions",
    theirs: "any size",
    ours: "RE2's syntax, at most 1000 instructions; larger ones are refused when the file is read",
    why: "matching is bounded",
  },
  {
    what: "Roots in `probe_ssl_earliest_cert_expiry`",
    theirs: "only the certificates that the server sent",
    ours: "also the root that completes the chain",
    why: "the chain ends with whichever certificate ends first",
  },
  {
    what: "Debug output",
    theirs: "the module in YAML",
    ours: "the module in JSON; header values and fields that may hold a secret read `<secret>`",
    why: "people paste it into tickets",
  },
  {
    what: "Requests by web pages",
    theirs: "answered",
    ours: "403",
    why: "a page in a browser must not probe what only its machine can reach",
  },
];

const EVERYWHERE = /^sentinel_probe_reason_info\{/;

/** True where the table says that these two may differ in that case. */
export const isDeliberate = (name: string, { series }: Difference): boolean =>
  EVERYWHERE.test(series) ||
  DEVIATIONS.some(({ shows }) => shows !== undefined && shows.cases.includes(name) && shows.series.test(series));
