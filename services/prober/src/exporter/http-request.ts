import { createHash } from "node:crypto";
import type { BlackboxHttp } from "@sentinel/contracts/config";
import { accessToken } from "../probes/access-token.ts";
import type { ProbeContext } from "./context.ts";
import { textOf } from "./tls.ts";

const SECRET = "SENTINEL_SECRET_CLIENT";

/** @throws SentinelError `file_unreadable` */
export const bodyOf = (http: BlackboxHttp, context: ProbeContext): Promise<string | undefined> =>
  textOf(http.body, http.body_file, context);

/** The header that shows who asks, if any. @throws SentinelError `file_unreadable`, EgressError */
export async function authorizationOf(http: BlackboxHttp, context: ProbeContext): Promise<string | undefined> {
  const { basic_auth: basic, authorization } = http;
  if (basic !== undefined) {
    const user = (await textOf(basic.username, basic.username_file, context)) ?? "";
    const password = (await textOf(basic.password, basic.password_file, context)) ?? "";
    return `Basic ${Buffer.from(`${user.trim()}:${password.trim()}`).toString("base64")}`;
  }
  if (authorization !== undefined) {
    const credentials = await textOf(authorization.credentials, authorization.credentials_file, context);
    return `${authorization.type} ${(credentials ?? "").trim()}`;
  }
  const bearer = await textOf(http.bearer_token, http.bearer_token_file, context);
  if (bearer !== undefined) return `Bearer ${bearer.trim()}`;
  return http.oauth2 === undefined ? undefined : `Bearer ${await tokenOf(http.oauth2, http, context)}`;
}

async function tokenOf(
  oauth2: NonNullable<BlackboxHttp["oauth2"]>,
  http: BlackboxHttp,
  context: ProbeContext,
): Promise<string> {
  const secret = ((await textOf(oauth2.client_secret, oauth2.client_secret_file, context)) ?? "").trim();
  // Tokens are kept by what the request says; the name stands for this secret and no other.
  const name = `${SECRET}_${createHash("sha256").update(secret).digest("hex").slice(0, 12).toUpperCase()}`;
  const auth = {
    tokenUrl: oauth2.token_url,
    clientId: oauth2.client_id,
    clientSecret: `\${${name}}`,
    scopes: [...oauth2.scopes],
  };
  const deps = { egress: context.egress, clock: context.clock, secret: () => secret };
  const proxy = http.proxy_url === undefined ? {} : { proxy: http.proxy_url };
  return accessToken({ auth, deps, way: { timeoutMs: context.remainingMs(), ...proxy } }, false);
}
