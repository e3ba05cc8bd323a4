import type { ProblemJson } from "@sentinel/contracts/api";

/** A refusal of the gateway as a person can read it; `problems` name the fields. */
export class ApiError extends Error {
  readonly problem: ProblemJson;

  constructor(problem: ProblemJson) {
    super(problem.title);
    this.name = "ApiError";
    this.problem = problem;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function problemOf(entry: unknown): ProblemJson["problems"][number] | null {
  if (typeof entry !== "object" || entry === null) return null;
  const found: Record<string, unknown> = { ...entry };
  const line = found["line"];
  const column = found["column"];
  return {
    path: text(found["path"]),
    code: text(found["code"]),
    message: text(found["message"]),
    line: typeof line === "number" ? line : null,
    column: typeof column === "number" ? column : null,
  };
}

/** Whatever came back with a failing status, as problem+json; a proxy's HTML page becomes one that says the status. */
export function problemFrom(status: number, body: unknown): ProblemJson {
  const found: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
  const problems = Array.isArray(found["problems"]) ? found["problems"] : [];
  return {
    type: text(found["type"]) || "about:blank",
    title: text(found["title"]) || `HTTP ${status}`,
    status,
    detail: text(found["detail"]),
    code: text(found["code"]) || "unknown",
    fix: text(found["fix"]),
    traceId: typeof found["traceId"] === "string" ? found["traceId"] : null,
    problems: problems.map(problemOf).filter((entry) => entry !== null),
  };
}

/** A path in one way of writing: "monitors.shop.tags[0]" as "monitors.shop.tags.0". */
const plainPath = (path: string): string =>
  path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .replaceAll("/", ".")
    .replace(/^[.$]+/, "");

/** True where a field's problem speaks of `field`: "monitors.shop.endpoints[0].url" matches "endpoints.0.url". */
const pathMatches = (path: string, field: string): boolean => path === field || path.endsWith(`.${field}`);

/** The sentences to show at each of `fields`, and what fits none of them. */
export function problemsByField(
  problems: ProblemJson["problems"],
  fields: readonly string[],
): { readonly byField: ReadonlyMap<string, string>; readonly rest: readonly string[] } {
  const byField = new Map<string, string>();
  const rest: string[] = [];
  for (const problem of problems) {
    const path = plainPath(problem.path);
    // What is wrong with one entry of a list, or with a whole where its parts have fields, is said at the nearest field.
    const field =
      fields.find((name) => pathMatches(path, name)) ??
      fields.find((name) => pathMatches(path.replace(/\.\d+$/, ""), name)) ??
      fields.find((name) => name.startsWith(`${path}.`) && !path.includes("."));
    if (field === undefined) rest.push(problem.message);
    else if (!byField.has(field)) byField.set(field, problem.message);
  }
  return { byField, rest };
}
