import type { CallContext } from "@sentinel/contracts";
import type { Locale } from "@sentinel/contracts/text";
import type { z } from "zod";

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** A request as the operations see it. */
export interface Call<Query = Readonly<Record<string, unknown>>> {
  readonly params: Readonly<Record<string, string>>;
  /** As the route's own query shape reads it. */
  readonly query: Query;
  /** By lower-case name; empty when absent. */
  header(name: string): string;
  /** Parsed JSON; undefined when nothing was sent. */
  readonly body: unknown;
  readonly locale: Locale;
  readonly context: CallContext;
  /** Who acts, as the timeline tells it. */
  readonly actor: string;
}

export interface Answer {
  /** 200 when absent. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; nothing is sent when undefined. */
  readonly body?: unknown;
  /** A body that is JSON already. */
  readonly json?: string;
}

/** What the API description says of a route. */
interface Documentation {
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  /** Shape of the request body. */
  readonly body?: z.ZodType;
  /** Shape of a good answer's body. */
  readonly answer?: z.ZodType;
  /** Status of a good answer; 200 when absent. */
  readonly status?: number;
  readonly requestHeaders?: readonly ("If-Match" | "Idempotency-Key")[];
  /** Codes of the errors that are particular to it. */
  readonly errors?: readonly string[];
}

export interface Route {
  readonly method: Method;
  /** Such as "/api/v1/monitors/:id". */
  readonly path: string;
  readonly query: z.ZodObject | undefined;
  readonly doc: Documentation;
  handle(call: Call): Promise<Answer>;
}

interface RouteOf<Shape extends z.ZodObject> extends Omit<Route, "query" | "handle"> {
  readonly query: Shape;
  handle(call: Call<z.output<Shape>>): Promise<Answer>;
}

/** A route with parameters after the `?`; its handler gets them as their shape reads them. */
export function routeWithQuery<Shape extends z.ZodObject>(route: RouteOf<Shape>): Route {
  return { ...route, handle: (call) => route.handle({ ...call, query: route.query.parse(call.query) }) };
}

/** A route that takes none. */
export function route(spec: Omit<Route, "query">): Route {
  return { ...spec, query: undefined };
}
