import type { HttpAuth, HttpOptions } from "@sentinel/contracts";
import { secretNames } from "@sentinel/contracts/config";
import type { EgressRequest, EgressResponse } from "@sentinel/egress";
import { accessToken } from "./access-token.ts";
import type { ProbeRequest } from "./probe.ts";
import { reveal, tlsSettings } from "./tls-settings.ts";

/** One request as a monitor describes it. */
export interface HttpAsk {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly options: HttpOptions | undefined;
  readonly maxRedirects: number;
  readonly timeoutMs: number;
  /** Kept from answers before; empty for none. */
  readonly cookies?: string;
}

/**
 * Asks with body, credentials and connection as the options say. A token that is refused is asked for anew, once.
 * @param filled replaces names in header values and in the body, after the secrets.
 * @throws what egress and the asking for a token throw, and Unchecked `secret_missing`
 */
export async function exchangeHttp(
  ask: HttpAsk,
  request: ProbeRequest,
  fill: (text: string) => string = (text) => text,
): Promise<EgressResponse> {
  const { deps } = request;
  const until = deps.clock.monotonic() + ask.timeoutMs;
  const left = (): number => Math.max(1, until - deps.clock.monotonic());
  const send = async (fresh: boolean): Promise<EgressResponse> => {
    const authorization = await authorizationOf(ask, request, left(), fresh);
    return deps.egress.request({ ...toRequest(ask, request, fill, authorization), timeoutMs: left() });
  };
  const response = await send(false);
  const renewable = ask.options?.auth?.way?.$case === "oauth2";
  return response.status === 401 && renewable ? send(true) : response;
}

/** True when what was shown did not open the door. */
export const isRefused = (options: HttpOptions | undefined, response: EgressResponse): boolean =>
  response.status === 401 && options?.auth?.way !== undefined;

function toRequest(
  ask: HttpAsk,
  request: ProbeRequest,
  fill: (text: string) => string,
  authorization: string | undefined,
): Omit<EgressRequest, "timeoutMs"> {
  const { deps, signal } = request;
  const { options } = ask;
  const headers = Object.entries(ask.headers).map(([name, text]) => [name, asHeader(fill(reveal(text, deps.secret)))]);
  const { cookies = "" } = ask;
  const body = options?.body ?? "";
  const isSecret = (text: string): boolean => secretNames(text).length > 0 || fill(text) !== text;
  return {
    url: ask.url,
    method: ask.method,
    headers: {
      ...Object.fromEntries(headers),
      ...(cookies === "" ? {} : { cookie: cookies }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    maxRedirects: ask.maxRedirects,
    secretHeaders: Object.keys(ask.headers).filter((name) => isSecret(ask.headers[name] ?? "")),
    secretBody: isSecret(body),
    signal,
    ...(body === "" ? {} : { body: fill(reveal(body, deps.secret)) }),
    ...wayOut(ask.options, request),
    ...(options?.version === "2" ? { httpVersion: "2" } : {}),
  };
}

/** What an answer gave cannot end a header and begin another. */
const asHeader = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?");

/** How connections are made, for the target and for whoever gives the token. */
function wayOut(
  options: HttpOptions | undefined,
  { deps }: ProbeRequest,
): Pick<EgressRequest, "tls" | "ipFamily" | "proxy"> {
  if (options === undefined) return {};
  const settings = options.tls === undefined ? undefined : { ...options.tls, enabled: true };
  const tls = tlsSettings(settings, false, deps.secret);
  const { ipFamily, proxy } = options;
  return {
    ...(tls === undefined ? {} : { tls }),
    ...(ipFamily === 4 || ipFamily === 6 ? { ipFamily } : {}),
    ...(proxy === "" ? {} : { proxy }),
  };
}

async function authorizationOf(
  { options }: HttpAsk,
  request: ProbeRequest,
  timeoutMs: number,
  fresh: boolean,
): Promise<string | undefined> {
  const way: HttpAuth["way"] = options?.auth?.way;
  const { deps, signal, hide } = request;
  if (way?.$case === "basic") {
    const credentials = `${way.value.user}:${reveal(way.value.password, deps.secret)}`;
    const encoded = Buffer.from(credentials).toString("base64");
    hide?.(encoded);
    return `Basic ${encoded}`;
  }
  if (way?.$case === "bearer") return `Bearer ${reveal(way.value, deps.secret)}`;
  if (way?.$case !== "oauth2") return undefined;
  // The certificate that this side shows is for the target.
  const { proxy, ipFamily } = wayOut(options, request);
  const token = await accessToken(
    {
      auth: way.value,
      deps,
      way: {
        timeoutMs,
        signal,
        ...(proxy === undefined ? {} : { proxy }),
        ...(ipFamily === undefined ? {} : { ipFamily }),
      },
    },
    fresh,
  );
  hide?.(token);
  return `Bearer ${token}`;
}
