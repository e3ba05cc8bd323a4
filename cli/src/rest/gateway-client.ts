import { problemJson, type ProblemJson } from "@sentinel/contracts/api";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Locale } from "@sentinel/contracts/text";
import type { z } from "zod";

const TIMEOUT_MS = 15_000;

/** A refusal of the gateway, in its own words. */
export class GatewayRefusal extends Error {
  readonly problem: ProblemJson;

  constructor(problem: ProblemJson) {
    super(`${problem.code} (${problem.status})`);
    this.name = "GatewayRefusal";
    this.problem = problem;
  }
}

/** An answer twice: as it came, for JSON output, and checked, for people. */
interface Answer<T> {
  readonly raw: unknown;
  readonly value: T;
}

interface GatewayCall {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  /** The version the change is based on. */
  readonly version?: number;
}

export interface GatewayClient {
  /**
   * @param path below /api/v1, such as "/monitors".
   * @throws GatewayRefusal, SentinelError `gateway_unreachable` {url, reason}, `gateway_answer_unreadable` {url, status}
   */
  call<T>(path: string, shape: z.ZodType<T>, call?: GatewayCall): Promise<Answer<T>>;
}

interface GatewayClientOptions {
  /** Such as "http://127.0.0.1:8300". */
  readonly url: string;
  readonly token: string | undefined;
  readonly locale: Locale;
}

/** @throws SentinelError `option_value_invalid` where the address is none */
export function createGatewayClient(options: GatewayClientOptions): GatewayClient {
  const base = baseOf(options.url);
  return {
    async call(path, shape, call = {}) {
      const response = await send(base, path, call, options);
      const text = await response.text();
      const raw = text === "" ? null : parseJson(text);
      if (!response.ok) throw refusal(raw, base, response.status);
      const parsed = shape.safeParse(raw);
      if (!parsed.success) throw unreadable(base, response.status, parsed.error);
      return { raw, value: parsed.data };
    },
  };
}

async function send(base: string, path: string, call: GatewayCall, options: GatewayClientOptions): Promise<Response> {
  const method = call.method ?? "GET";
  const headers = new Headers({ accept: "application/json", "accept-language": options.locale });
  if (options.token !== undefined) headers.set("authorization", `Bearer ${options.token}`);
  if (call.body !== undefined) headers.set("content-type", "application/json");
  if (call.version !== undefined) headers.set("if-match", `"${call.version}"`);
  if (method === "POST") headers.set("idempotency-key", crypto.randomUUID());
  const query = `${path.includes("?") ? "&" : "?"}lang=${options.locale}`;
  try {
    return await fetch(`${base}/api/v1${path}${query}`, {
      method,
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
  } catch (cause) {
    throw new SentinelError("gateway_unreachable", { url: base, reason: reasonOf(cause) }, { cause });
  }
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new SentinelError("option_value_invalid", { option: "--url", value: text, expected: "http://HOST:PORT" });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function refusal(raw: unknown, url: string, status: number): Error {
  const parsed = problemJson.safeParse(raw);
  return parsed.success ? new GatewayRefusal(parsed.data) : unreadable(url, status, parsed.error);
}

function unreadable(url: string, status: number, cause: unknown): SentinelError {
  return new SentinelError("gateway_answer_unreadable", { url, status: String(status) }, { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not Sentinel: the shape check says so.
    return undefined;
  }
}

/** The code of the socket's error, which fetch hides in causes. */
function reasonOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  if ("name" in thrown && thrown.name === "TimeoutError") return `${TIMEOUT_MS / 1000} s`;
  if ("code" in thrown && typeof thrown.code === "string") return thrown.code;
  if ("cause" in thrown && thrown.cause !== undefined) return reasonOf(thrown.cause);
  return "message" in thrown ? String(thrown.message) : "unknown";
}
