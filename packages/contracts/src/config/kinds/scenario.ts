import { z } from "zod";
import type { ErrorParams } from "../../errors/index.ts";
import type { Capture, ScenarioStep } from "../../generated/sentinel/monitors/v1/monitors.ts";
import { assertion, type Subject, toAssertion, viewOfAssertion } from "../assertion-schema.ts";
import { HTTP_SUBJECTS, httpRequest, httpToWire, httpView } from "../http-options.ts";
import { compileJsonPath } from "../json-path.ts";
import { METADATA_HOSTS } from "../metadata-hosts.ts";
import { compilePattern } from "../pattern.ts";
import { issue } from "../problem.ts";
import { fillVariables, variableNames } from "../variables.ts";
import type { Kind } from "./kind.ts";

const SUBJECTS: readonly Subject[] = [...HTTP_SUBJECTS, "latency", "phase"];

const capture = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z]\w{0,39}$/),
    subject: z.enum(["header", "cookie", "json", "body"]),
    of: z.string().min(1).max(1000),
  })
  .superRefine(({ subject, of }, context) => {
    const read = subject === "json" ? compileJsonPath(of) : subject === "body" ? compilePattern(of) : undefined;
    if (read?.ok === false) context.addIssue({ code: "custom", path: ["of"], ...issue(read.code, read.params) });
  });

const step = z
  .strictObject({
    name: z.string().trim().min(1).max(80),
    url: z.string().max(2000),
    ...httpRequest,
    assert: z.array(assertion).max(50).default([]),
    capture: z.array(capture).max(20).default([]),
  })
  .superRefine((each, context) => {
    const wrong = addressProblem(each.url);
    if (wrong !== undefined) context.addIssue({ code: "custom", path: ["url"], ...issue(wrong.code, wrong.params) });
    for (const [index, { subject }] of each.assert.entries()) {
      if (SUBJECTS.includes(subject)) continue;
      const params = { subject, scheme: "http", allowed: SUBJECTS.join(", ") };
      context.addIssue({
        code: "custom",
        path: ["assert", index, "subject"],
        ...issue("subject_of_other_kind", params),
      });
    }
  });

type StepInput = z.output<typeof step>;

/** Variables stand after the host only: no answer chooses whom is asked next. */
function addressProblem(text: string): { readonly code: string; readonly params: ErrorParams } | undefined {
  const origin = /^[^:]*:\/\/[^/?#]*/.exec(text)?.[0] ?? "";
  const url = URL.parse(fillVariables(text, () => "x"));
  if (url === null || origin === "") return { code: "bad_url", params: { value: text.slice(0, 200) } };
  const scheme = url.protocol.replace(":", "");
  if (scheme !== "http" && scheme !== "https") {
    return { code: "scheme_not_allowed", params: { scheme, allowed: "http, https" } };
  }
  if (url.username !== "" || url.password !== "") return { code: "credentials_in_url", params: { host: url.host } };
  const host = url.hostname.toLowerCase().replace(/\.$/, "");
  if (METADATA_HOSTS.has(host)) return { code: "metadata_host", params: { host } };
  const [name] = variableNames(origin);
  return name === undefined ? undefined : { code: "variable_in_host", params: { name } };
}

const options = z.strictObject({ steps: z.array(step).min(1).max(20) }).superRefine(({ steps }, context) => {
  const known = new Set<string>();
  for (const [index, each] of steps.entries()) {
    for (const [key, text] of textsOf(each)) {
      const name = variableNames(text).find((used) => !known.has(used));
      if (name === undefined) continue;
      context.addIssue({ code: "custom", path: ["steps", index, ...key], ...issue("unknown_variable", { name }) });
    }
    for (const { name } of each.capture) known.add(name);
  }
});

const textsOf = (each: StepInput): readonly (readonly [readonly string[], string])[] => [
  [["url"], each.url],
  [["http", "body"], each.http?.body ?? ""],
  ...Object.entries(each.headers).map(([name, text]) => [["headers", name], text] as const),
];

const stepToWire = (each: StepInput): ScenarioStep => ({
  name: each.name,
  url: each.url,
  method: each.method,
  headers: each.headers,
  http: httpToWire(each.http),
  maxRedirects: each.redirects,
  assertions: each.assert.map(toAssertion),
  captures: each.capture,
});

const captureView = ({ name, subject, of }: Capture) => ({ name, subject, of });

const stepView = (each: ScenarioStep) => ({
  name: each.name,
  url: each.url,
  method: each.method,
  headers: each.headers,
  http: httpView(each.http),
  redirects: each.maxRedirects,
  assert: each.assertions.map(viewOfAssertion),
  capture: each.captures.map(captureView),
});

/** Requests in order, each of which may use what the ones before it captured. */
export const scenario: Kind = {
  name: "scenario",
  schemes: ["scenario"],
  example: "scenario://checkout",
  needsPort: false,
  subjects: [],
  keys: Object.keys(options.shape),
  field: options
    .transform(({ steps }) => ({ $case: "scenario" as const, value: { steps: steps.map(stepToWire) } }))
    .nullish(),
  view: (check) => (check.$case === "scenario" ? { steps: check.value.steps.map(stepView) } : {}),
};
