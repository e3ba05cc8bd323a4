import type { OpenApiDocument, Operation, Parameter } from "./document.ts";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (each) => ESCAPES[each] ?? each);

/** The API description as one page without scripts. */
export function docsPage(document: OpenApiDocument, stylesheet: string): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? "");
  const sections = Array.from(
    groups,
    ([tag, members]) => `<section><h2>${escape(tag)}</h2>${members.map(operationBlock).join("")}</section>`,
  );
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<title>Sentinel API ${escape(document.info.version)}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${stylesheet}"></head><body>`,
    `<header><h1>Sentinel API <small>${escape(document.info.version)}</small></h1>`,
    `<p>${escape(document.info.description)} The same as <a href="/api/v1/openapi.json">OpenAPI 3.1</a>.</p></header>`,
    `<main>${sections.join("")}<section><h2>Shapes</h2>${shapes(document)}</section></main></body></html>`,
  ].join("");
}

interface Listed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function operationBlock({ path, method, operation }: Listed): string {
  const { summary, operationId, parameters, requestBody, responses } = operation;
  return [
    `<details id="${escape(operationId)}"><summary><code><b>${method}</b> ${escape(path)}</code> <span>${escape(summary)}</span></summary>`,
    parameters.length === 0 ? "" : `<table><tbody>${parameters.map(parameterRow).join("")}</tbody></table>`,
    requestBody === undefined ? "" : `<h3>Body</h3>${json(requestBody.content)}`,
    `<h3>Answers</h3>${json(responses)}</details>`,
  ].join("");
}

function parameterRow({ name, in: place, required, description = "", schema }: Parameter): string {
  const need = required ? "required" : "optional";
  return `<tr><th scope="row"><code>${escape(name)}</code></th><td>${place}, ${need}</td><td>${escape(description)} <code>${escape(JSON.stringify(schema))}</code></td></tr>`;
}

function shapes({ components }: OpenApiDocument): string {
  const { schemas = {} } = components;
  if (typeof schemas !== "object" || schemas === null) return "";
  return Object.entries(schemas)
    .map(
      ([name, schema]) =>
        `<details id="${escape(name)}"><summary><code>${escape(name)}</code></summary>${json(schema)}</details>`,
    )
    .join("");
}

const json = (value: unknown): string => `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;

export const DOCS_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 64rem; margin: 0 auto; padding: 1.5rem; }
h1 small { font-weight: 400; opacity: 0.7; }
h2 { margin-top: 2rem; text-transform: capitalize; }
details { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: 0.5rem 0; }
summary { cursor: pointer; }
summary span { opacity: 0.8; }
table { border-collapse: collapse; margin: 0.75rem 0; }
th, td { text-align: left; padding: 0.2rem 1rem 0.2rem 0; vertical-align: top; font-weight: 400; }
pre { overflow-x: auto; padding: 0.75rem; background: color-mix(in srgb, currentColor 7%, transparent); }
`;
