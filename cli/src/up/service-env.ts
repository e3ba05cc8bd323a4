import { Secret } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import { isCidr } from "@sentinel/egress";
import { type ProberVariables, readProberVariables } from "./prober-variables.ts";
import { readSpoolMaxBytes } from "./spool-max-bytes.ts";

/** What a service of distributed mode takes from its environment besides its options. */
export interface ServiceEnv {
  /** SENTINEL_INCIDENTS_ADDRESS: where others find the incidents services; such a service listens at the first. */
  readonly incidents: Addresses;
  /** SENTINEL_SERVICE_TOKEN: what services show each other. */
  readonly serviceToken: Secret | undefined;
  /** SENTINEL_NATS_TOKEN */
  readonly natsToken: Secret | undefined;
  /** SENTINEL_EGRESS_ALLOW: ranges besides public addresses that may be watched, such as "10.1.0.0/16,127.0.0.0/8". */
  readonly allowCidrs: readonly string[];
  /** SENTINEL_ALLOWED_HOSTS: names under which the gateway may be asked. */
  readonly allowedHosts: readonly string[];
  /** SENTINEL_PUBLIC_URL: where links in messages lead. */
  readonly publicUrl: string;
  /** SENTINEL_REGION: where the prober looks from. */
  readonly region: string;
  /** SENTINEL_PROBER_NAME: tells probers of one region apart; the name of the machine when empty. */
  readonly proberName: string;
  /** SENTINEL_SPOOL_NAME: folder of the prober's spool in the data folder; each prober on one machine has its own. */
  readonly spoolName: string;
  /** SENTINEL_PROBER_WEIGHT: the prober's part of the monitors beside others of its region; 1 when not told. */
  readonly proberWeight: number;
  /** SENTINEL_SPOOL_MAX_BYTES: how much the prober's spool may take on disk. */
  readonly spoolMaxBytes: number;
  /** SENTINEL_BROWSER: path or address of the browser for journeys, or "off"; empty for the Chromium of this machine. */
  readonly browser: string;
  readonly prober: ProberVariables;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

type Addresses = readonly [Address, ...Address[]];

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws SentinelError `environment_invalid` {name, value, expected} */
export function readServiceEnv(variables: Variables): ServiceEnv {
  return {
    incidents: readAddresses("SENTINEL_INCIDENTS_ADDRESS", variables["SENTINEL_INCIDENTS_ADDRESS"]),
    serviceToken: readSecret(variables, "SENTINEL_SERVICE_TOKEN"),
    natsToken: readSecret(variables, "SENTINEL_NATS_TOKEN"),
    allowCidrs: readList(variables["SENTINEL_EGRESS_ALLOW"]).map(demandCidr),
    allowedHosts: readList(variables["SENTINEL_ALLOWED_HOSTS"]),
    publicUrl: variables["SENTINEL_PUBLIC_URL"] ?? "",
    region: readRegion(variables["SENTINEL_REGION"] ?? "default"),
    proberName: variables["SENTINEL_PROBER_NAME"] ?? "",
    spoolName: readSpoolName(variables["SENTINEL_SPOOL_NAME"] ?? "spool"),
    proberWeight: readWeight(variables["SENTINEL_PROBER_WEIGHT"] ?? "1"),
    spoolMaxBytes: readSpoolMaxBytes(variables),
    browser: variables["SENTINEL_BROWSER"] ?? "",
    prober: readProberVariables(variables),
  };
}

function readAddresses(name: string, value = "127.0.0.1:8310"): Addresses {
  const [first = "", ...others] = value.split(",").map((each) => each.trim());
  return [readAddress(name, first), ...others.map((each) => readAddress(name, each))];
}

function readAddress(name: string, value: string): Address {
  const url = URL.parse(`http://${value}`);
  if (url === null || url.port === "" || url.pathname !== "/") {
    throw new SentinelError("environment_invalid", { name, value, expected: "HOST:PORT,…" });
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port) };
}

const readList = (value: string | undefined): string[] =>
  (value ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");

function demandCidr(value: string): string {
  if (isCidr(value)) return value;
  throw new SentinelError("environment_invalid", { name: "SENTINEL_EGRESS_ALLOW", value, expected: "10.1.0.0/16" });
}

/** A part of subjects on the bus, so nothing that means something there. */
function readRegion(value: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,40}$/.test(value)) return value;
  throw new SentinelError("environment_invalid", { name: "SENTINEL_REGION", value, expected: "eu-west" });
}

function readSpoolName(value: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,40}$/.test(value)) return value;
  throw new SentinelError("environment_invalid", { name: "SENTINEL_SPOOL_NAME", value, expected: "spool-2" });
}

function readWeight(value: string): number {
  const weight = Number(value);
  if (weight > 0 && weight <= 1000) return weight;
  throw new SentinelError("environment_invalid", { name: "SENTINEL_PROBER_WEIGHT", value, expected: "1" });
}

function readSecret(variables: Variables, name: string): Secret | undefined {
  const value = variables[name];
  return value === undefined || value === "" ? undefined : new Secret(name, value);
}
