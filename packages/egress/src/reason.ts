import type { PhaseName } from "./egress.ts";

const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect_refused",
  EHOSTUNREACH: "connect_unreachable",
  ENETUNREACH: "connect_unreachable",
  // What the machine we run on is out of says nothing about the target.
  EADDRNOTAVAIL: "prober_ports",
  EMFILE: "prober_descriptors",
  ENFILE: "prober_descriptors",
  ENOBUFS: "prober_memory",
  ENOMEM: "prober_memory",
  EPERM: "prober_forbidden",
  EACCES: "prober_forbidden",
  ETIMEDOUT: "timeout_in_connect",
  CERT_HAS_EXPIRED: "tls_expired",
  CERT_NOT_YET_VALID: "tls_not_yet_valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "tls_hostname",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls_self_signed",
  SELF_SIGNED_CERT_IN_CHAIN: "tls_self_signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls_untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "tls_untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls_untrusted",
  CERT_UNTRUSTED: "tls_untrusted",
  CERT_REVOKED: "tls_untrusted",
  ERR_SSL_WRONG_VERSION_NUMBER: "tls_wrong_version",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "tls_wrong_version",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "tls_old_version",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "tls_old_version",
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP2_STREAM_ERROR: "reset",
};

/** The reason code of a socket, TLS or parser error, by its code and the phase it came in. */
export function reasonOf(error: unknown, phase: PhaseName): string {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (code.startsWith("HPE_INVALID_EOF")) return phase === "transfer" ? "truncated" : "empty_reply";
  if (code.startsWith("HPE_")) return "protocol";
  if (phase === "tls") return "tls_handshake";
  if (code === "ECONNRESET" || code === "EPIPE") {
    if (phase === "connect") return "connect_reset";
    return messageOf(error).includes("hang up") ? "empty_reply" : "reset";
  }
  if (phase === "connect") return "connect_unreachable";
  return "protocol";
}

const messageOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "message" in error ? String(error.message) : "";
