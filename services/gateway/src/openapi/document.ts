import { ERRORS } from "@sentinel/contracts";
import { problemJson } from "@sentinel/contracts/api";
import type { Route } from "../http/route.ts";
import { EVENTS_PATH, eventsQuery } from "../routes/event-stream.ts";
import { type JsonSchema, Schemas } from "./schemas.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, unknown>>;
  readonly security: readonly unknown[];
}

const HEADER_NOTES = {
  "If-Match": 'The ETag that was seen, such as "3"; * for any.',
  "Idempotency-Key": "The same key with the same body returns the first answer.",
} as const;

const LANGUAGE: Parameter = {
  name: "lang",
  in: "query",
  required: false,
  description: "Language of the sentences; beats Accept-Language.",
  schema: { type: "string", enum: ["en", "fr"] },
};

/** The API as OpenAPI 3.1, made from the shapes that read requests and write answers. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const schemas = new Schemas();
  schemas.ofAnswer(problemJson);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, schemas) };
  }
  paths[EVENTS_PATH] = { get: eventsOperation(schemas) };
  return {
    openapi: "3.1.0",
    info: {
      title: "Sentinel",
      version,
      description:
        "Instants are RFC 3339 in UTC, spans are milliseconds. Errors are application/problem+json; `code` is stable.",
    },
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "sentinel_session" },
      },
    },
    security: [{}, { token: [] }, { session: [] }],
  };
}

function operationOf(route: Route, schemas: Schemas): Operation {
  const { doc } = route;
  return {
    operationId: doc.id,
    summary: doc.summary,
    tags: [doc.tag],
    parameters: [...pathParameters(route), ...queryParameters(route.query, schemas), ...headerParameters(doc)],
    ...(doc.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { "application/json": { schema: schemas.ofInput(doc.body) } } },
        }),
    responses: { [String(doc.status ?? 200)]: goodResponse(doc, schemas), ...problemResponses(doc.errors ?? []) },
  };
}

function pathParameters({ path }: Route): readonly Parameter[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: Route["query"], schemas: Schemas): readonly Parameter[] {
  if (query === undefined) return [LANGUAGE];
  const { properties } = schemas.ofInput(query);
  const own = Object.entries(properties ?? {}).map(([name, schema]): Parameter => ({
    name,
    in: "query",
    required: false,
    schema,
  }));
  return [...own, LANGUAGE];
}

function headerParameters({ requestHeaders = [], status, errors = [] }: Route["doc"]): readonly Parameter[] {
  return requestHeaders.map((name) => ({
    name,
    in: "header",
    required: name === "If-Match" && status !== 201 && errors.includes("precondition_required"),
    description: HEADER_NOTES[name],
    schema: { type: "string" },
  }));
}

function goodResponse({ answer, summary }: Route["doc"], schemas: Schemas): unknown {
  if (answer === undefined) return { description: summary };
  return { description: summary, content: { "application/json": { schema: schemas.ofAnswer(answer) } } };
}

const PROBLEM = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };

/** One response per status, naming the codes that have it. */
function problemResponses(codes: readonly string[]): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => String(ERRORS[code]?.http ?? 500));
  const particular = Array.from(byStatus, ([status, group]) => [
    status,
    { description: group.join(", "), content: PROBLEM },
  ]);
  return { ...Object.fromEntries(particular), default: { description: "Any other error.", content: PROBLEM } };
}

function eventsOperation(schemas: Schemas): Operation {
  const lastEventId: Parameter = {
    name: "Last-Event-ID",
    in: "header",
    required: false,
    description: "Id of the last frame seen: what was missed is sent, or a new snapshot.",
    schema: { type: "string" },
  };
  return {
    operationId: "followEvents",
    summary: "A snapshot, then every change as it happens, and a heartbeat every 15 s.",
    tags: ["events"],
    parameters: [...queryParameters(eventsQuery, schemas), lastEventId],
    responses: {
      200: { description: "Frames without end.", content: { "text/event-stream": { schema: { type: "string" } } } },
      ...problemResponses(["too_many_streams"]),
    },
  };
}
