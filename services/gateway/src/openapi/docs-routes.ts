import type { FastifyInstance } from "fastify";
import type { Route } from "../http/route.ts";
import { htmlPolicy } from "../static/csp.ts";
import { DOCS_STYLE, docsPage } from "./docs-page.ts";
import { openApiDocument } from "./document.ts";

const STYLE_PATH = "/api/docs/style.css";

interface Docs {
  readonly json: string;
  readonly html: string;
}

function make(routes: readonly Route[], version: string): Docs {
  const document = openApiDocument(routes, version);
  return { json: JSON.stringify(document), html: docsPage(document, STYLE_PATH) };
}

/** The API description as OpenAPI and as a page; made at the first request, so that it costs a start nothing. */
export function addDocsRoutes(app: FastifyInstance, routes: readonly Route[], version: string): void {
  let made: Docs | undefined;
  const docs = () => (made ??= make(routes, version));
  app.get("/api/v1/openapi.json", async (_request, reply) =>
    reply.type("application/json; charset=utf-8").send(docs().json),
  );
  app.get("/api/docs", async (_request, reply) => {
    const { html } = docs();
    return reply.header("content-security-policy", htmlPolicy(html)).type("text/html; charset=utf-8").send(html);
  });
  app.get(STYLE_PATH, async (_request, reply) => reply.type("text/css; charset=utf-8").send(DOCS_STYLE));
}
