import { X509Certificate } from "node:crypto";
import type { BlackboxTls } from "@sentinel/contracts/config";
import type { AgreedTls, TlsSettings } from "@sentinel/egress";
import type { ProbeContext } from "./context.ts";

const VERSIONS = { TLS10: "1.0", TLS11: "1.1", TLS12: "1.2", TLS13: "1.3" } as const;

/** How to secure a connection, with the files that the module names. @throws SentinelError `file_unreadable` */
export async function tlsOf(config: BlackboxTls, serverName: string, context: ProbeContext): Promise<TlsSettings> {
  const [authorities, certificate, key] = await Promise.all([
    textOf(config.ca, config.ca_file, context),
    textOf(config.cert, config.cert_file, context),
    textOf(config.key, config.key_file, context),
  ]);
  return {
    serverName: config.server_name ?? serverName,
    skipVerify: config.insecure_skip_verify === true,
    protocols: [],
    wholeChain: true,
    ...(config.min_version === undefined ? {} : { minVersion: VERSIONS[config.min_version] }),
    ...(authorities === undefined ? {} : { authorities }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  };
}

/** What stands in the configuration, else in the file that it names. @throws SentinelError `file_unreadable` */
export async function textOf(
  inline: string | undefined,
  file: string | undefined,
  context: Pick<ProbeContext, "readFile">,
): Promise<string | undefined> {
  if (inline !== undefined && inline !== "") return inline;
  return file === undefined || file === "" ? undefined : context.readFile(file);
}

/** What Go's zero time is in seconds of Unix: there is no chain that was verified. */
const NO_CHAIN = -62_135_596_800;
const PROTOCOLS: Readonly<Record<string, string>> = {
  TLSv1: "TLS 1.0",
  "TLSv1.1": "TLS 1.1",
  "TLSv1.2": "TLS 1.2",
  "TLSv1.3": "TLS 1.3",
};

export function setTlsMetrics(
  { metrics }: Pick<ProbeContext, "metrics">,
  agreed: AgreedTls,
  withLastChain = true,
): void {
  const chain = (agreed.chain ?? []).map((der) => new X509Certificate(der));
  const [leaf] = chain;
  const expiries = chain.map((each) => each.validToDate.getTime() / 1000);
  metrics.set("probe_ssl_earliest_cert_expiry", expiries.length === 0 ? NO_CHAIN : Math.min(...expiries));
  metrics.set("probe_tls_version_info", 1, { version: PROTOCOLS[agreed.protocol] ?? "unknown" });
  if (leaf === undefined) return;
  metrics.set("probe_ssl_last_chain_info", 1, chainLabels(leaf));
  if (!withLastChain) return;
  const last = agreed.trusted === true ? Math.min(...expiries) : NO_CHAIN;
  metrics.set("probe_ssl_last_chain_expiry_timestamp_seconds", last);
}

const chainLabels = (leaf: X509Certificate) => ({
  fingerprint_sha256: leaf.fingerprint256.replaceAll(":", "").toLowerCase(),
  issuer: distinguishedName(leaf.issuer),
  subject: distinguishedName(leaf.subject),
  subjectalternative: [...(leaf.subjectAltName ?? "").matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name).join(","),
});

const ORDER: readonly string[] = ["serialNumber", "CN", "postalCode", "street", "ST", "L", "OU", "O", "C"];
const NAMES: Readonly<Record<string, string>> = {
  serialNumber: "SERIALNUMBER",
  postalCode: "POSTALCODE",
  street: "STREET",
};

/** As Go writes a name: from the narrowest part to the country, several of a kind joined by "+". */
function distinguishedName(lines: string): string {
  const parts = lines.split("\n").map((line) => {
    const at = line.indexOf("=");
    return { kind: line.slice(0, at), value: line.slice(at + 1) };
  });
  return ORDER.flatMap((kind) => {
    const of = parts.filter((part) => part.kind === kind);
    const texts = of.map(({ value }) => `${NAMES[kind] ?? kind}=${value.replaceAll(/[,+"\\<>;]/g, "\\$&")}`);
    return texts.length === 0 ? [] : [texts.join("+")];
  }).join(",");
}
