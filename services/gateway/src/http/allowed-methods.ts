import type { Route } from "./route.ts";

/** Addresses outside the table of operations that take GET only. */
const GET_ONLY = [
  "/api/v1/events",
  "/api/v1/openapi.json",
  "/api/docs",
  "/api/docs/style.css",
  "/metrics",
  "/livez",
  "/readyz",
];

/** The methods an address takes; empty for an address that is none of ours. */
export function allowedMethods(routes: readonly Pick<Route, "method" | "path">[], path: string): readonly string[] {
  const found: string[] = routes.filter((route) => fits(route.path, path)).map((route) => route.method);
  if (GET_ONLY.includes(path) || !path.startsWith("/api")) found.push("GET");
  return [...new Set(found.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith(":") ? given[index] !== "" : part === given[index]))
  );
}
