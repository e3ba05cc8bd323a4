import { z } from "zod";
import type { SendExpect, TlsOptions } from "../../generated/sentinel/monitors/v1/monitors.ts";
import { pattern } from "../pattern.ts";
import { issue } from "../problem.ts";
import { secretReference, withSecrets } from "../secret-reference.ts";

const VERSIONS = ["1.0", "1.1", "1.2", "1.3"] as const;

/** How a connection is secured. */
export const tls = z.strictObject({
  enabled: z.boolean().default(true),
  serverName: z.string().min(1).max(253).nullish(),
  skipVerify: z.boolean().default(false),
  authorities: z.string().max(100_000).nullish(),
  certificate: z.string().max(100_000).nullish(),
  key: secretReference.nullish(),
  minVersion: z.enum(VERSIONS).default("1.2"),
});

type TlsInput = z.output<typeof tls>;

/** Undefined where nothing is said: the address decides. */
export function tlsToWire(input: TlsInput | null | undefined): TlsOptions | undefined {
  if (input === null || input === undefined) return undefined;
  return {
    enabled: input.enabled,
    serverName: input.serverName ?? "",
    skipVerify: input.skipVerify,
    authorities: input.authorities ?? "",
    certificate: input.certificate ?? "",
    key: input.key ?? "",
    minVersion: input.minVersion,
  };
}

export function tlsView(value: TlsOptions | undefined): z.input<typeof tls> | null {
  if (value === undefined) return null;
  const min = VERSIONS.find((version) => version === value.minVersion) ?? "1.2";
  return {
    enabled: value.enabled,
    serverName: value.serverName || null,
    skipVerify: value.skipVerify,
    authorities: value.authorities || null,
    certificate: value.certificate || null,
    key: value.key || null,
    minVersion: min,
  };
}

export const STARTTLS = ["smtp", "imap", "pop3", "ldap", "postgres", "ftp"] as const;
export const starttls = z.enum(STARTTLS).nullish();

export const starttlsView = (value: string): (typeof STARTTLS)[number] | null =>
  STARTTLS.find((each) => each === value) ?? null;

/** What is sent and what must come back; at least one of the two. */
export const step = z.strictObject({
  send: z.string().max(4096).nullish(),
  expect: pattern.nullish(),
});

export const stepToWire = (each: z.output<typeof step>): SendExpect => ({
  send: each.send ?? "",
  expect: each.expect ?? "",
});

export const stepView = (each: SendExpect): z.input<typeof step> => ({
  send: each.send || null,
  expect: each.expect || null,
});

export const headers = z.record(z.string().regex(/^[\w-]+$/), withSecrets(4096)).default({});

/** Days left of something that runs out: fewer than `warn` is degraded, fewer than `fail` is down. */
export const days = {
  warnDays: z.int().min(0).max(3650).default(14),
  failDays: z.int().min(0).max(3650).default(3),
};

/** Two thresholds in the order in which they are crossed. */
export function daysInOrder(
  given: { readonly warnDays: number; readonly failDays: number },
  context: z.core.$RefinementCtx,
): void {
  if (given.warnDays >= given.failDays) return;
  const params = { warnDays: String(given.warnDays), failDays: String(given.failDays) };
  context.addIssue({ code: "custom", path: ["warnDays"], input: given, ...issue("days_order", params) });
}

/** Null for either family. */
export const ipFamily = z.union([z.literal(4), z.literal(6)]).nullish();

export const ipFamilyView = (value: number): 4 | 6 | null => (value === 4 || value === 6 ? value : null);
