import { createHash } from "node:crypto";
import type { OAuth2Auth } from "@sentinel/contracts";
import { type Egress, EgressError, type EgressRequest, type ExchangeFacts } from "@sentinel/egress";
import { objectAt } from "../core/json-at.ts";
import type { ProbeDeps } from "./probe.ts";
import { reveal } from "./tls-settings.ts";

/** RFC 6749 recommends a life and does not demand it. */
const USUAL_LIFE_S = 300;
/** A token that ends while it is on its way would be refused. */
const MARGIN_MS = 10_000;
const MAX_TOKENS = 1000;
const MAX_BYTES = 64 * 1024;

interface Kept {
  readonly token: string;
  readonly untilMs: number;
}

/** Tokens live in memory, as long as the way out that they were got by, and nowhere else. */
const kept = new WeakMap<Egress, Map<string, Kept>>();

/** How a token is asked for, and the same way out as for the check itself. */
export interface TokenRequest {
  readonly auth: OAuth2Auth;
  readonly deps: ProbeDeps;
  readonly way: Pick<EgressRequest, "timeoutMs" | "signal" | "proxy" | "ipFamily" | "tls">;
}

/**
 * A token by client credentials (RFC 6749, section 4.4), the one of before while it lasts.
 * @param fresh true to ask for another, as after one that was refused.
 * @throws EgressError `auth_refused` when there is none for these credentials, `token_failed` when none could be got
 */
export async function accessToken(request: TokenRequest, fresh: boolean): Promise<string> {
  const { auth, deps } = request;
  const secret = reveal(auth.clientSecret, deps.secret);
  const tokens = kept.get(deps.egress) ?? new Map<string, Kept>();
  kept.set(deps.egress, tokens);
  const key = createHash("sha256")
    .update(JSON.stringify([auth, secret]))
    .digest("hex");
  const known = tokens.get(key);
  if (!fresh && known !== undefined && known.untilMs > deps.clock.monotonic()) return known.token;
  tokens.delete(key);
  const got = await askForToken(request, secret);
  tokens.set(key, got);
  if (tokens.size > MAX_TOKENS) tokens.delete(tokens.keys().next().value ?? "");
  return got.token;
}

async function askForToken({ auth, deps, way }: TokenRequest, secret: string): Promise<Kept> {
  const { host } = new URL(auth.tokenUrl);
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (auth.scopes.length > 0) form.set("scope", auth.scopes.join(" "));
  const client = `${encodeURIComponent(auth.clientId)}:${encodeURIComponent(secret)}`;
  const sent = deps.egress.request({
    ...way,
    url: auth.tokenUrl,
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(client).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: form.toString(),
    maxBodyBytes: MAX_BYTES,
  });
  const answer = await sent.catch((thrown: unknown) => {
    if (!(thrown instanceof EgressError)) throw thrown;
    throw refusal("token_failed", { host, cause: thrown.failure.reason }, thrown.failure.facts);
  });
  if (answer.status === 400 || answer.status === 401) {
    throw refusal("auth_refused", { host, actual: String(answer.status) }, answer);
  }
  const granted = answer.status === 200 ? grantedBy(new TextDecoder().decode(answer.body)) : undefined;
  if (granted === undefined) throw refusal("token_failed", { host, cause: `status ${answer.status}` }, answer);
  return { token: granted.token, untilMs: deps.clock.monotonic() + granted.lifeMs - MARGIN_MS };
}

/** Section 5.1 of RFC 6749; undefined for what grants nothing. */
function grantedBy(text: string): { readonly token: string; readonly lifeMs: number } | undefined {
  const { access_token: token, expires_in: lifeS = USUAL_LIFE_S } = objectAt(text) ?? {};
  if (typeof token !== "string" || token === "") return undefined;
  const seconds = Number(lifeS);
  return { token, lifeMs: (Number.isFinite(seconds) ? seconds : USUAL_LIFE_S) * 1000 };
}

/** What the token's server said is no evidence: it may hold a token. */
function refusal(reason: string, params: Readonly<Record<string, string>>, facts: ExchangeFacts): EgressError {
  const known = { ...facts, headers: {}, body: new Uint8Array() };
  return new EgressError({ reason, params, phase: "first_byte", facts: known });
}
