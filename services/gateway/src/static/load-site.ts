import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { SentinelError } from "@sentinel/contracts";
import { htmlPolicy } from "./csp.ts";

export type Coding = "br" | "gzip" | "identity";

export interface SiteFile {
  readonly type: string;
  readonly etag: string;
  /** For pages: what their scripts may be. */
  readonly policy: string | undefined;
  /** Its address names its content, so that it never changes. */
  readonly immutable: boolean;
  readonly compressible: boolean;
  /** Compressed at the first request and kept. */
  bytes(coding: Coding): Promise<Buffer>;
}

/** The exported dashboard in memory, by path such as "/en.html". */
export type Site = ReadonlyMap<string, SiteFile>;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};
const COMPRESSIBLE = new Set([".html", ".txt", ".js", ".css", ".json", ".svg", ".webmanifest"]);
const WORTH_COMPRESSING_BYTES = 1024;
/** Nearly as small as the highest quality, at a tenth of the time. */
const BROTLI_QUALITY = 9;

/** Errors: `site_unreadable`. */
export async function loadSite(folder: string): Promise<Site> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const loaded = await Promise.all(files.map((file) => loadFile(folder, file)));
    return new Map(loaded);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SentinelError("site_unreadable", { folder, reason }, { cause });
  }
}

async function loadFile(folder: string, file: string): Promise<[string, SiteFile]> {
  const path = `/${relative(folder, file).split(sep).join("/")}`;
  return [path, siteFile(path, await readFile(file))];
}

function siteFile(path: string, bytes: Buffer): SiteFile {
  const kind = extname(path);
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  const compressed = new Map<Coding, Promise<Buffer>>();
  return {
    type: TYPES[kind] ?? "application/octet-stream",
    etag: `"${hash}"`,
    policy: kind === ".html" ? htmlPolicy(bytes.toString()) : undefined,
    immutable: path.startsWith("/_next/static/"),
    compressible: COMPRESSIBLE.has(kind) && bytes.length > WORTH_COMPRESSING_BYTES,
    bytes: (coding) => {
      const known = compressed.get(coding) ?? compress(bytes, coding);
      compressed.set(coding, known);
      return known;
    },
  };
}

const brotli = promisify(brotliCompress);
const gunzippable = promisify(gzip);

async function compress(bytes: Buffer, coding: Coding): Promise<Buffer> {
  if (coding === "br") return brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
  return coding === "gzip" ? gunzippable(bytes) : bytes;
}
