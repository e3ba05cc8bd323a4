import { z } from "zod";
import type { HttpAuth, HttpOptions } from "../generated/sentinel/monitors/v1/monitors.ts";
import type { Subject } from "./assertion-schema.ts";
import { headers, ipFamily, ipFamilyView, tls, tlsToWire, tlsView } from "./kinds/common.ts";
import { issue } from "./problem.ts";
import { secretReference, withSecrets } from "./secret-reference.ts";

const basic = z.strictObject({ user: z.string().min(1).max(200), password: secretReference });
const oauth2 = z.strictObject({
  tokenUrl: z.url({ protocol: /^https?$/ }),
  clientId: z.string().min(1).max(200),
  clientSecret: secretReference,
  scopes: z.array(z.string().min(1).max(200)).max(20).default([]),
});

const auth = z
  .strictObject({ basic: basic.optional(), bearer: secretReference.optional(), oauth2: oauth2.optional() })
  .superRefine((ways, context) => {
    const given = Object.values(ways).filter((way) => way !== undefined);
    if (given.length !== 1) {
      const params = { allowed: "basic, bearer, oauth2", given: String(given.length) };
      context.addIssue({ code: "custom", ...issue("one_of_these", params) });
    }
  });

const proxy = z
  .string()
  .max(500)
  .regex(/^(https?|socks5):\/\/[^\s@/]+$/);

/** What a check over HTTP may say beside address, method and headers. */
export const httpOptions = z.strictObject({
  body: withSecrets(100_000).nullish(),
  auth: auth.nullish(),
  tls: tls.nullish(),
  ipFamily,
  proxy: proxy.nullish(),
  version: z.enum(["1.1", "2"]).default("1.1"),
});

/** What makes up a request over HTTP, for a check of one and for each step of a scenario. */
export const httpRequest = {
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]).default("GET"),
  headers,
  http: httpOptions.nullish(),
  redirects: z.int().min(0).max(10).default(0),
};

/** What assertions can look at in an answer over HTTP; latency and phase are always there. */
export const HTTP_SUBJECTS: readonly Subject[] = [
  "status",
  "header",
  "body",
  "json",
  "size",
  "redirects",
  "version",
  "certificate_days",
];

export function httpToWire(input: z.output<typeof httpOptions> | null | undefined): HttpOptions | undefined {
  if (input === null || input === undefined) return undefined;
  return {
    body: input.body ?? "",
    auth: input.auth === null || input.auth === undefined ? undefined : authToWire(input.auth),
    tls: tlsToWire(input.tls),
    ipFamily: input.ipFamily ?? 0,
    proxy: input.proxy ?? "",
    version: input.version,
  };
}

function authToWire(input: z.output<typeof auth>): HttpAuth {
  if (input.basic !== undefined) return { way: { $case: "basic", value: input.basic } };
  if (input.oauth2 !== undefined) return { way: { $case: "oauth2", value: input.oauth2 } };
  return { way: { $case: "bearer", value: input.bearer ?? "" } };
}

export function httpView(value: HttpOptions | undefined): z.input<typeof httpOptions> | null {
  if (value === undefined) return null;
  return {
    body: value.body || null,
    auth: value.auth?.way === undefined ? null : { [value.auth.way.$case]: value.auth.way.value },
    tls: tlsView(value.tls),
    ipFamily: ipFamilyView(value.ipFamily),
    proxy: value.proxy || null,
    version: value.version === "2" ? "2" : "1.1",
  };
}
