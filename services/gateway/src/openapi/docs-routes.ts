import type { FastifyInstance } from "fastify";
import type { Route } from "../http/route.ts";

export function addDocsRoutes(_app: FastifyInstance, _routes: readonly Route[], _version: string): void {}
