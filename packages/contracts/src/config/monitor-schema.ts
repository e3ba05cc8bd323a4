import { z } from "zod";
import type { MonitorSpecView } from "../api/index.ts";
import type { FieldProblem } from "../errors/index.ts";
import { type MonitorSpec, Nature, RepairAction, RepairMode } from "../generated/sentinel/monitors/v1/monitors.ts";
import { assertion, COMPARISONS, type Subject, toAssertion, viewOfAssertion } from "./assertion-schema.ts";
import { duration } from "./duration-field.ts";
import { writeDuration } from "./duration.ts";
import { HTTP_SUBJECTS, httpOptions, httpRequest, httpToWire, httpView } from "./http-options.ts";
import { type Check, checkUnder, KIND_NAMES, kindFields, kindKeys, kindOf, viewOfCheck } from "./kinds/index.ts";
import { issue, problemsOf } from "./problem.ts";
import { slo, sloToWire, sloView, tags } from "./promise-schema.ts";
import { urlProblem } from "./url.ts";

const DEFAULT_EVERY_MS = 30_000;
const MAX_TIMEOUT_MS = 60_000;

const target = z.string().superRefine((text, context) => {
  const problem = urlProblem(text);
  if (problem !== undefined) context.addIssue({ code: "custom", ...issue(problem.code, problem.params) });
});

/** An address alone, whose kind of check needs nothing more. */
const loneTarget = target.superRefine((text, context) => {
  for (const { path, code, params } of missingOptions(text)) {
    context.addIssue({ code: "custom", path, ...issue(code, params) });
  }
});

/** Options that have no default, as the query of a check that makes one. */
function missingOptions(url: string): readonly Misfit[] {
  const kind = kindOf(url);
  const parsed = kind?.field.safeParse({});
  if (kind === undefined || parsed === undefined || parsed.success) return [];
  return parsed.error.issues.map(({ path }) => ({
    path: [kind.name, ...path],
    code: "missing",
    params: { key: String(path.at(-1) ?? kind.name) },
  }));
}

const status = z.int().min(100).max(599);

const endpointObject = z
  .strictObject({
    url: target,
    ...httpRequest,
    expect: z
      .strictObject({
        status: z.union([status, z.array(status).max(20)]).optional(),
        bodyContains: z.string().min(1).max(1000).nullish(),
      })
      .default({}),
    maxLatency: duration(1, MAX_TIMEOUT_MS).nullish(),
    assert: z.array(assertion).max(50).default([]),
    ...kindFields,
  })
  .superRefine((each, context) => {
    for (const { path, code, params } of misfits(each))
      context.addIssue({ code: "custom", path, ...issue(code, params) });
  });

type EndpointInput = z.output<typeof endpointObject>;

interface Misfit {
  readonly path: PropertyKey[];
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
}

/** What stands beside the address and does not belong to its kind of check. */
function misfits(each: EndpointInput): readonly Misfit[] {
  const kind = kindOf(each.url);
  const scheme = each.url.split(":", 1)[0] ?? "";
  const given = Object.entries(each).filter(([, value]) => value !== null && value !== undefined);
  const options = given.filter(([key]) => KIND_NAMES.includes(key) && key !== kind?.name).map(([key]) => key);
  const uses: readonly string[] = kind?.uses ?? [];
  const ofHttp = [
    each.method === "GET" ? "" : "method",
    Object.keys(each.headers).length > 0 ? "headers" : "",
    Object.values(each.expect).flat().some(Boolean) ? "expect" : "",
    each.redirects > 0 ? "redirects" : "",
    each.http === null || each.http === undefined ? "" : "http",
  ].filter((key) => kind !== undefined && key !== "" && !uses.includes(key));
  const allowed = subjectsOf(each.url);
  const own = kind === undefined ? undefined : checkUnder(each, kind);
  return [
    ...(own === undefined ? missingOptions(each.url) : []),
    ...[...options, ...ofHttp].map((key) => ({ path: [key], code: "option_of_other_kind", params: { key, scheme } })),
    ...each.assert.flatMap(({ subject }, index) =>
      allowed.includes(subject)
        ? []
        : [
            {
              path: ["assert", index, "subject"],
              code: "subject_of_other_kind",
              params: { subject, scheme, allowed: allowed.join(", ") },
            },
          ],
    ),
  ];
}

/** What assertions can look at in a check of this address. */
const subjectsOf = (url: string): readonly Subject[] => [
  ...(kindOf(url)?.subjects ?? HTTP_SUBJECTS),
  "latency",
  "phase",
];

const endpoint = z.union([loneTarget, endpointObject]);

/** Pings name a monitor, not one of its endpoints: what is waited for stands alone. */
const endpoints = z
  .array(endpoint)
  .min(1)
  .max(20)
  .superRefine((all, context) => {
    if (all.length < 2) return;
    for (const [index, each] of all.entries()) {
      const url = typeof each === "string" ? each : each.url;
      if (kindOf(url)?.name !== "heartbeat") continue;
      context.addIssue({ code: "custom", path: [index], ...issue("heartbeat_not_alone") });
    }
  });

const repair = z.strictObject({
  action: z.enum(["wake-up"]).default("wake-up"),
  mode: z.enum(["off", "observe", "dry-run", "auto"]).default("auto"),
  patience: duration(1000, 30_000).default(30_000),
  cooldown: duration(0, 86_400_000).default(60_000),
  hourlyCap: z.int().min(1).max(60).default(6),
});

const text = (max: number) => z.string().trim().min(1).max(max);

const shape = {
  endpoints,
  every: duration(1000, 86_400_000).default(DEFAULT_EVERY_MS),
  timeout: duration(50, MAX_TIMEOUT_MS).optional(),
  failuresToConfirm: z.int().min(1).max(20).default(2),
  successesToResolve: z.int().min(1).max(20).default(1),
  slowAfter: duration(1, MAX_TIMEOUT_MS).default(5000),
  repair: repair.prefault({}),
  group: text(80).nullish(),
  tags,
  dependsOn: z.array(text(80)).max(20).default([]),
  slo: slo.nullish(),
  nature: z.enum(["technical", "business"]).default("technical"),
  owner: text(80).nullish(),
  paused: z.boolean().default(false),
  notify: z.array(text(80)).max(20).default([]),
};

/** A monitor under its name in `sentinel.yaml`. */
export const monitorBody = z.strictObject(shape);
/** The same as one object, as REST takes it. */
export const monitorInput = z.strictObject({ name: text(80), ...shape });

const KEYS: Readonly<Record<string, readonly string[]>> = {
  endpoints: Object.keys(endpointObject.shape),
  assert: ["subject", "of", "severity", ...COMPARISONS],
  http: Object.keys(httpOptions.shape),
  expect: ["status", "bodyContains"],
  repair: Object.keys(repair.shape),
  slo: Object.keys(slo.shape),
};

/** The keys known at a place inside a monitor, for "did you mean". */
function keysOfMonitor(path: readonly PropertyKey[]): readonly string[] {
  const inside = path.findLast((part) => typeof part === "string") ?? "";
  return KEYS[inside] ?? kindKeys(inside) ?? ["name", ...Object.keys(shape)];
}

export type ParsedMonitor =
  | { readonly ok: true; readonly spec: MonitorSpec }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/**
 * Reads one monitor in its authoring form.
 * @param path where it stands in its document, such as ["monitors", "shop"]; empty for a REST body.
 * @param name the name when it stands outside the object, as in `sentinel.yaml`.
 */
export function parseMonitorInput(value: unknown, path: readonly PropertyKey[] = [], name?: string): ParsedMonitor {
  const parsed =
    name === undefined
      ? monitorInput.safeParse(value, { reportInput: true })
      : monitorInput.safeParse(isObject(value) ? { ...value, name } : value, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, path, keysOfMonitor) };
  return { ok: true, spec: toSpec(parsed.data) };
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const MODES = {
  off: RepairMode.OFF,
  observe: RepairMode.OBSERVE,
  "dry-run": RepairMode.DRY_RUN,
  auto: RepairMode.AUTO,
} as const;

function toSpec(input: z.output<typeof monitorInput>): MonitorSpec {
  return {
    name: input.name,
    endpoints: input.endpoints.map(toEndpoint),
    everyMs: input.every,
    timeoutMs: input.timeout ?? Math.min(10_000, input.every),
    failuresToConfirm: input.failuresToConfirm,
    successesToResolve: input.successesToResolve,
    slowAfterMs: input.slowAfter,
    repair: {
      action: RepairAction.WAKE_UP,
      mode: MODES[input.repair.mode],
      patienceMs: input.repair.patience,
      cooldownMs: input.repair.cooldown,
      hourlyCap: input.repair.hourlyCap,
    },
    group: input.group ?? "",
    tags: input.tags,
    dependsOn: [...new Set(input.dependsOn)],
    slo: sloToWire(input.slo),
    nature: input.nature === "business" ? Nature.BUSINESS : Nature.TECHNICAL,
    owner: input.owner ?? "",
    paused: input.paused,
    notify: input.notify,
  };
}

function toEndpoint(given: EndpointInput | string): MonitorSpec["endpoints"][number] {
  const each = typeof given === "string" ? endpointObject.parse({ url: given }) : given;
  const wanted = each.expect.status;
  return {
    url: each.url,
    method: each.method,
    headers: each.headers,
    expectStatus: wanted === undefined ? [] : typeof wanted === "number" ? [wanted] : wanted,
    maxLatencyMs: each.maxLatency ?? 0,
    expectBodyContains: each.expect.bodyContains ?? "",
    maxRedirects: each.redirects,
    assertions: each.assert.map(toAssertion),
    http: httpToWire(each.http),
    check: checkOf(each),
  };
}

/** The options of the address's own kind, with its defaults where none are written; undefined for HTTP. */
function checkOf(each: EndpointInput): Check | undefined {
  const kind = kindOf(each.url);
  if (kind === undefined) return undefined;
  return checkUnder(each, kind) ?? kind.field.parse({}) ?? undefined;
}

const MODE_NAMES: Readonly<Record<RepairMode, MonitorSpecView["repair"]["mode"]>> = {
  [RepairMode.UNSPECIFIED]: "off",
  [RepairMode.OFF]: "off",
  [RepairMode.OBSERVE]: "observe",
  [RepairMode.DRY_RUN]: "dry-run",
  [RepairMode.AUTO]: "auto",
};

/** A monitor back in its authoring form, every default filled in: what GET shows can be PUT again. */
export function specView(spec: MonitorSpec): MonitorSpecView {
  return {
    name: spec.name,
    endpoints: spec.endpoints.map((each) => ({
      url: each.url,
      method: each.method,
      headers: each.headers,
      expect: { status: each.expectStatus, bodyContains: each.expectBodyContains || null },
      maxLatency: each.maxLatencyMs > 0 ? writeDuration(each.maxLatencyMs) : null,
      redirects: each.maxRedirects,
      assert: each.assertions.map(viewOfAssertion),
      http: httpView(each.http),
      ...viewOfCheck(each.check),
    })),
    every: writeDuration(spec.everyMs),
    timeout: writeDuration(spec.timeoutMs),
    failuresToConfirm: spec.failuresToConfirm,
    successesToResolve: spec.successesToResolve,
    slowAfter: writeDuration(spec.slowAfterMs),
    repair: {
      action: "wake-up",
      mode: MODE_NAMES[spec.repair?.mode ?? RepairMode.OFF],
      patience: writeDuration(spec.repair?.patienceMs ?? 30_000),
      cooldown: writeDuration(spec.repair?.cooldownMs ?? 0),
      hourlyCap: spec.repair?.hourlyCap ?? 1,
    },
    group: spec.group || null,
    tags: spec.tags,
    dependsOn: spec.dependsOn,
    slo: sloView(spec.slo),
    nature: spec.nature === Nature.BUSINESS ? "business" : "technical",
    owner: spec.owner || null,
    paused: spec.paused,
    notify: spec.notify,
  };
}
