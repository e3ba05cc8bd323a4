import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { SentinelError } from "@sentinel/contracts/errors";
import { type OptionSpecs, type Parsed, readInteger } from "../parse-options.ts";
import type { Context } from "../terminal.ts";
import type { UpOptions } from "./options.ts";

export const UP_OPTIONS: OptionSpecs = {
  config: { type: "string", short: "c" },
  data: { type: "string" },
  port: { type: "string", short: "p" },
  host: { type: "string" },
  "grpc-port": { type: "string" },
  demo: { type: "boolean" },
  distributed: { type: "boolean" },
  incidents: { type: "string" },
  probers: { type: "string" },
  nats: { type: "string" },
  database: { type: "string" },
};

const DEFAULT_PORT = 8300;
const LAST_PORT = 65_535;
const MOST_INCIDENTS = 16;
const MOST_PROBERS = 16;

/**
 * The options of `up` and `service`, defaults filled in and paths made absolute.
 * @throws SentinelError `option_value_invalid`, `option_needs_other`
 */
export function readUpOptions(parsed: Parsed, { terminal, locale }: Context, distributed: boolean): UpOptions {
  const { env, cwd } = terminal;
  const port = readInteger("--port", parsed.value("port") ?? String(DEFAULT_PORT), 1, LAST_PORT);
  const grpcPort = parsed.value("grpc-port");
  if (!distributed) refuseAlone(parsed, ["nats", "database", "incidents", "probers"]);
  return {
    configFile: resolve(cwd, parsed.value("config") ?? "sentinel.yaml"),
    dataDir: resolve(cwd, parsed.value("data") ?? defaultDataDir(env)),
    host: readHost(parsed.value("host") ?? "127.0.0.1"),
    port,
    grpcPort: grpcPort === undefined ? nextPort(port) : readInteger("--grpc-port", grpcPort, 1, LAST_PORT),
    demo: parsed.flag("demo"),
    natsUrl: distributed
      ? readAddress("--nats", parsed.value("nats") ?? env["SENTINEL_NATS_URL"], "nats://HOST:4222", NATS)
      : undefined,
    databaseUrl: distributed
      ? readAddress("--database", parsed.value("database") ?? env["SENTINEL_DATABASE_URL"], "postgres://…", POSTGRES)
      : undefined,
    incidents: readInteger("--incidents", parsed.value("incidents") ?? "1", 1, MOST_INCIDENTS),
    probers: readInteger("--probers", parsed.value("probers") ?? "1", 1, MOST_PROBERS),
    locale,
  };
}

/** An address of PostgreSQL. @throws SentinelError `option_value_invalid`, without the value */
export const readDatabaseUrl = (value: string): string => readAddress("--database", value, "postgres://…", POSTGRES);

const NATS = ["nats:", "tls:", "ws:", "wss:"];
const POSTGRES = ["postgres:", "postgresql:"];

function refuseAlone(parsed: Parsed, names: readonly string[]): void {
  for (const name of names) {
    if (parsed.value(name) !== undefined) {
      throw new SentinelError("option_needs_other", { option: `--${name}`, needed: "--distributed" });
    }
  }
}

/** Where everything is kept when nobody says where. */
export function defaultDataDir(env: Context["terminal"]["env"]): string {
  // An XDG folder that is not absolute is to be ignored, says the standard.
  const xdg = env["XDG_DATA_HOME"];
  const home = env["HOME"] || homedir();
  return join(xdg !== undefined && xdg.startsWith("/") ? xdg : join(home, ".local/share"), "sentinel");
}

/** The port after the REST one, or before it where there is none after. */
const nextPort = (port: number): number => (port < LAST_PORT ? port + 1 : port - 1);

function readHost(value: string): string {
  const host = value.replace(/^\[(.*)\]$/, "$1");
  const usable = URL.canParse(`http://${host.includes(":") ? `[${host}]` : host}/`) && !/[/?#@\s]/.test(host);
  if (usable) return host;
  throw new SentinelError("option_value_invalid", { option: "--host", value, expected: "127.0.0.1, ::1, 0.0.0.0, …" });
}

/** The value may hold a password, so an error never shows it. */
function readAddress(option: string, value: string | undefined, expected: string, schemes: readonly string[]): string {
  if (value === undefined || value === "") {
    throw new SentinelError("option_needs_other", { option: "--distributed", needed: `${option} ${expected}` });
  }
  const first = value.split(",")[0] ?? "";
  if (URL.canParse(first) && schemes.includes(new URL(first).protocol)) return value;
  throw new SentinelError("option_value_invalid", { option, value: "***", expected });
}
