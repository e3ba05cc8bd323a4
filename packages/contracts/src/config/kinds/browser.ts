import { z } from "zod";
import type { BrowserStep } from "../../generated/sentinel/monitors/v1/monitors.ts";
import { METADATA_HOSTS } from "../metadata-hosts.ts";
import { issue } from "../problem.ts";
import { withSecrets } from "../secret-reference.ts";
import { defineKind } from "./kind.ts";

const selector = z.string().trim().min(1).max(500);
const expected = z.string().min(1).max(1000);

/** What a step does, of which each step has exactly one, and the key that says with what or where. */
const acts = {
  goto: z.string().trim().min(1).max(2000).optional(),
  click: selector.optional(),
  fill: selector.optional(),
  press: z.string().min(1).max(40).optional(),
  expectText: expected.optional(),
  expectVisible: selector.optional(),
  expectHidden: selector.optional(),
  expectUrl: expected.optional(),
  waitFor: selector.optional(),
  script: z.string().min(1).max(10_000).optional(),
};
type Act = keyof typeof acts;

const WIRE = {
  goto: "goto",
  click: "click",
  fill: "fill",
  press: "press",
  expectText: "expect_text",
  expectVisible: "expect_visible",
  expectHidden: "expect_hidden",
  expectUrl: "expect_url",
  waitFor: "wait_for",
  script: "script",
} as const satisfies Readonly<Record<Act, string>>;
const isAct = (key: string): key is Act => key in acts;
const ACTS: readonly Act[] = Object.keys(acts).filter(isAct);
/** Those whose own text is a value, not what selects an element. */
const BY_VALUE: ReadonlySet<Act> = new Set(["press", "expectText", "expectUrl", "script"]);
const MAY_BE_IN: ReadonlySet<Act> = new Set(["press", "expectText"]);

const step = z
  .strictObject({
    name: z.string().trim().min(1).max(80).optional(),
    ...acts,
    /** What is typed by `fill`. */
    with: withSecrets(4096).optional(),
    /** The element in which `press` and `expectText` look; the whole page when absent. */
    in: selector.optional(),
  })
  .superRefine((each, context) => {
    const given = ACTS.filter((act) => each[act] !== undefined);
    const [act] = given;
    const report = (code: string, path: string[], params: Readonly<Record<string, string>>) =>
      context.addIssue({ code: "custom", path, ...issue(code, params) });
    if (act === undefined || given.length > 1) {
      report("one_act", [], { allowed: ACTS.join(", "), given: given.join(", ") });
      return;
    }
    if (act === "fill" && each.with === undefined) report("missing", ["with"], { key: "with" });
    if (act !== "fill" && each.with !== undefined) report("key_of_other_act", ["with"], { key: "with", act });
    if (!MAY_BE_IN.has(act) && each.in !== undefined) report("key_of_other_act", ["in"], { key: "in", act });
    const wrong = each.goto === undefined ? undefined : addressProblem(each.goto);
    if (wrong !== undefined) report(wrong.code, ["goto"], wrong.params);
  });

type StepInput = z.output<typeof step>;

/** Relative addresses are those of the page that is open. */
function addressProblem(
  text: string,
): { readonly code: string; readonly params: Readonly<Record<string, string>> } | undefined {
  const url = URL.parse(text, "https://page.example/");
  if (url === null) return { code: "bad_url", params: { value: text.slice(0, 200) } };
  const scheme = url.protocol.replace(":", "");
  if (scheme !== "http" && scheme !== "https") {
    return { code: "scheme_not_allowed", params: { scheme, allowed: "http, https" } };
  }
  if (url.username !== "" || url.password !== "") return { code: "credentials_in_url", params: { host: url.host } };
  const host = url.hostname.replace(/\.$/, "");
  return METADATA_HOSTS.has(host) ? { code: "metadata_host", params: { host } } : undefined;
}

function stepToWire(each: StepInput): BrowserStep {
  const act = ACTS.find((key) => each[key] !== undefined) ?? "goto";
  const own = each[act] ?? "";
  const byValue = BY_VALUE.has(act);
  return {
    name: each.name ?? "",
    act: WIRE[act],
    target: byValue ? (each.in ?? "") : own,
    value: byValue ? own : (each.with ?? ""),
  };
}

function stepView({ name, act, target, value }: BrowserStep): z.input<typeof step> {
  const key = ACTS.find((each) => WIRE[each] === act) ?? "goto";
  const byValue = BY_VALUE.has(key);
  return {
    ...(name === "" ? {} : { name }),
    [key]: byValue ? value : target,
    ...(key === "fill" ? { with: value } : {}),
    ...(byValue && target !== "" ? { in: target } : {}),
  };
}

/** A page as a person sees it, and the steps that person takes on it. */
export const browser = defineKind({
  name: "browser",
  schemes: ["browser+https", "browser+http"],
  example: "browser+https://shop.example.com/login",
  needsPort: false,
  subjects: ["status", "body", "value"],
  options: z.strictObject({
    steps: z.array(step).max(50).default([]),
    skipVerify: z.boolean().default(false),
    locale: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
      .default("en-US"),
  }),
  toWire: ({ steps, skipVerify, locale }) => ({ steps: steps.map(stepToWire), skipVerify, locale }),
  view: ({ steps, skipVerify, locale }) => ({ steps: steps.map(stepView), skipVerify, locale: locale || "en-US" }),
  wrap: (value) => ({ $case: "browser", value }),
  unwrap: (check) => (check.$case === "browser" ? check.value : undefined),
});
