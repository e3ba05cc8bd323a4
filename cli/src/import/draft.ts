import { parseMonitorInput } from "@sentinel/contracts/config";
import type { FieldProblem } from "@sentinel/contracts/errors";
import type { Ledger } from "./ledger.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** Keys with values, and no list. */
export const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export type Assert = { readonly [key: string]: Json };

/** An endpoint in the making, as `sentinel.yaml` has it. */
export interface EndpointDraft {
  url: string;
  assert: Assert[];
  readonly options: Record<string, Json>;
  readonly http: Record<string, Json>;
  readonly headers: Record<string, string>;
}

export const endpointDraft = (url: string): EndpointDraft => ({ url, assert: [], options: {}, http: {}, headers: {} });

/** A monitor in the making. */
export interface MonitorDraft {
  readonly name: string;
  readonly endpoints: readonly EndpointDraft[];
  readonly body: Readonly<Record<string, Json>>;
  /** Where it came from. */
  readonly path: string;
}

export type Monitors = Record<string, Json>;

/**
 * Puts monitors together under names that differ. One that our own parser would refuse is left out, and told as lost.
 */
export function assemble(
  drafts: readonly MonitorDraft[],
  ledger: Ledger,
  say: (problem: FieldProblem) => string,
): Monitors {
  const monitors: Monitors = {};
  for (const draft of drafts) {
    const name = freeName(draft.name, monitors);
    const body: Json = { endpoints: draft.endpoints.map(written), ...draft.body };
    const parsed = parseMonitorInput(body, ["monitors", name], name);
    if (parsed.ok) monitors[name] = body;
    else {
      const problems = parsed.problems.map((each) => `${each.path.replace(`monitors.${name}.`, "")}: ${say(each)}`);
      ledger.refuse(draft.path, "refused", { problem: problems.join(" ") });
    }
  }
  return monitors;
}

const MAX_NAME = 80;

function freeName(wanted: string, taken: Monitors): string {
  const plain = wanted.trim().slice(0, MAX_NAME) || "monitor";
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? "" : ` ${count}`;
    const name = `${plain.slice(0, MAX_NAME - suffix.length)}${suffix}`;
    if (!(name in taken)) return name;
  }
}

function written({ url, assert, options, http, headers }: EndpointDraft): Json {
  const rest = {
    ...options,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(Object.keys(http).length === 0 ? {} : { http }),
    ...(assert.length === 0 ? {} : { assert }),
  };
  return Object.keys(rest).length === 0 ? url : { url, ...rest };
}
