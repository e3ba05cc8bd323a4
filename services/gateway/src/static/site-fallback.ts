import { renderText } from "@sentinel/contracts/text";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Fallback } from "../http/server.ts";
import type { Coding, Site, SiteFile } from "./load-site.ts";
import { findPage } from "./site-path.ts";

const NOT_FOUND = "/404.html";

/** Serves the dashboard's files for every address outside the API; without a dashboard "/" says that there is none. */
export function siteFallback(site: Site | undefined): Fallback {
  return async (request, reply, locale) => {
    const path = decodedPath(request.url);
    if ((request.method !== "GET" && request.method !== "HEAD") || path.startsWith("/api/") || path === "/api")
      return false;
    if (site === undefined) {
      if (path !== "/") return false;
      reply.type("text/plain; charset=utf-8").send(`${renderText(locale, "gateway.no_dashboard")}\n`);
      return true;
    }
    const found = findPage((file) => site.has(file), path, locale);
    if (found !== undefined && "redirect" in found) {
      reply.header("vary", "accept-language").header("cache-control", "no-cache").redirect(found.redirect, 302);
      return true;
    }
    const file = site.get(found?.file ?? NOT_FOUND);
    if (file === undefined || (found === undefined && !wantsPage(request))) return false;
    await sendFile(request, reply, file, found === undefined ? 404 : 200);
    return true;
  };
}

function decodedPath(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const wantsPage = (request: FastifyRequest): boolean => (request.headers.accept ?? "").includes("text/html");

async function sendFile(request: FastifyRequest, reply: FastifyReply, file: SiteFile, status: number): Promise<void> {
  reply.header("cache-control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  reply.header("etag", file.etag);
  if (file.policy !== undefined) reply.header("content-security-policy", file.policy);
  if (file.compressible) reply.header("vary", "accept-encoding");
  if (status === 200 && request.headers["if-none-match"]?.includes(file.etag) === true) {
    reply.code(304).send();
    return;
  }
  const coding = file.compressible ? codingOf(request.headers["accept-encoding"] ?? "") : "identity";
  if (coding !== "identity") reply.header("content-encoding", coding);
  reply
    .code(status)
    .type(file.type)
    .send(await file.bytes(coding));
}

function codingOf(acceptEncoding: unknown): Coding {
  const accepted = String(acceptEncoding).toLowerCase();
  const takes = (coding: string): boolean =>
    new RegExp(`\\b${coding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:,|$))`).test(accepted);
  if (takes("br")) return "br";
  return takes("gzip") ? "gzip" : "identity";
}
