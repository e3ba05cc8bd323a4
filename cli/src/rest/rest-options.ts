import { type OptionSpecs, type Parsed, readChoice } from "../parse-options.ts";
import type { Context } from "../terminal.ts";
import { createGatewayClient, type GatewayClient } from "./gateway-client.ts";

/** Options of every command that asks a running Sentinel. */
export const REST_OPTIONS: OptionSpecs = {
  url: { type: "string" },
  token: { type: "string" },
  output: { type: "string", short: "o" },
};

const DEFAULT_URL = "http://127.0.0.1:8300";

/** A running Sentinel and how its answers are to be printed. */
export interface Rest {
  readonly client: GatewayClient;
  readonly url: string;
  readonly json: boolean;
}

/** From the options, else SENTINEL_URL and SENTINEL_TOKEN. @throws SentinelError `option_value_invalid` */
export function openRest(parsed: Parsed, { terminal, locale }: Context): Rest {
  const url = parsed.value("url") ?? (terminal.env["SENTINEL_URL"] || DEFAULT_URL);
  const token = parsed.value("token") ?? (terminal.env["SENTINEL_TOKEN"] || undefined);
  const json = readChoice("--output", parsed.value("output") ?? "table", ["table", "json"]) === "json";
  return { client: createGatewayClient({ url, token, locale }), url, json };
}

/** An answer for a script: exactly what the gateway said, indented. */
export function toJson(raw: unknown): string {
  return `${JSON.stringify(raw, null, 2)}\n`;
}
