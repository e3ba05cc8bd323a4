import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Fixture, openGateway } from "./testing/gateway-fixture.ts";

const SCRIPT = "self.__next_f=self.__next_f||[];self.__next_f.push([0])";
const page = (name: string): string =>
  `<!doctype html><html><head><script src="/_next/static/a.js" async=""></script></head><body>${name}<script>${SCRIPT}</script></body></html>`;
const CHUNK = "export const many = 1;\n".repeat(200);

const FILES: Readonly<Record<string, string>> = {
  "404.html": page("not found"),
  "en.html": page("overview"),
  "fr.html": page("aperçu"),
  "en/login.html": page("login"),
  "en/incidents.html": page("incidents"),
  "en/incidents/_.html": page("one incident"),
  "en/incidents/_.txt": "one incident, as data",
  "en/incidents/_/__next._tree.txt": "tree",
  "en/monitors/_.html": page("one monitor"),
  "en/monitors/new.html": page("new monitor"),
  "fr/incidents/_.html": page("un incident"),
  "_next/static/a.js": CHUNK,
};

let folder: string;
let fixture: Fixture;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sentinel-site-"));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  // A stranger's page may load: it holds no data.
  fixture = await openGateway({ staticDir: folder, tokenHash: "00".repeat(32) });
});
afterAll(async () => {
  await fixture.gateway.stop();
  await rm(folder, { recursive: true });
});

test.each([
  ["en-GB, fr;q=0.5", "/en"],
  ["fr-FR, en;q=0.5", "/fr"],
  ["", "/en"],
])("/ leads a reader of %j to %s", async (language, location) => {
  const { status, headers } = await fixture.ask("/", { headers: { "accept-language": language } });
  expect([status, headers["location"], headers["vary"]]).toEqual([302, location, "accept-language"]);
});

test.each([
  ["/en", "overview"],
  ["/fr", "aperçu"],
  ["/en/login", "login"],
  ["/en/incidents", "incidents"],
  ["/en/incidents/127", "one incident"],
  ["/fr/incidents/127", "un incident"],
  ["/en/monitors/mon_shop", "one monitor"],
  ["/en/monitors/new", "new monitor"],
  ["/en/incidents/127.txt?_rsc=abc", "one incident, as data"],
  ["/en/incidents/127/__next._tree.txt", "tree"],
])("%s shows %s", async (path, text) => {
  const told = await fixture.ask(path);
  expect([told.status, told.text]).toEqual([200, expect.stringContaining(text)]);
});

test.each([
  ["/incidents/127", "/fr/incidents/127"],
  ["/", "/fr"],
])("%s without a language leads to %s", async (path, location) => {
  const { status, headers } = await fixture.ask(path, { headers: { "accept-language": "fr" } });
  expect([status, headers["location"]]).toEqual([302, location]);
});

test("a page's policy allows exactly its inline scripts", async () => {
  const { headers } = await fixture.ask("/en");
  const hash = createHash("sha256").update(SCRIPT).digest("base64");
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
});

test("files whose address names their content are kept for ever, pages are asked for again", async () => {
  const chunk = await fixture.ask("/_next/static/a.js");
  expect(chunk.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  const first = await fixture.ask("/en");
  expect(first.headers["cache-control"]).toBe("no-cache");
  const again = await fixture.ask("/en", { headers: { "if-none-match": String(first.headers["etag"]) } });
  expect([again.status, again.text]).toEqual([304, ""]);
});

test("text is compressed as the reader can take it", async () => {
  const asked = (coding: string) => fixture.ask("/_next/static/a.js", { headers: { "accept-encoding": coding } });
  const br = await asked("gzip, deflate, br");
  expect([br.headers["content-encoding"], brotliDecompressSync(br.bytes).toString()]).toEqual(["br", CHUNK]);
  const gzip = await asked("gzip, br;q=0");
  expect([gzip.headers["content-encoding"], gunzipSync(gzip.bytes).toString()]).toEqual(["gzip", CHUNK]);
  const plain = await asked("identity");
  expect([plain.headers["content-encoding"], plain.text]).toEqual([undefined, CHUNK]);
  expect(plain.headers["vary"]).toBe("accept-encoding");
});

test("an unknown page is a page that says so; anything else is a problem", async () => {
  const forPeople = await fixture.ask("/en/nothing", { headers: { accept: "text/html,*/*" } });
  expect([forPeople.status, forPeople.text]).toEqual([404, expect.stringContaining("not found")]);
  const forPrograms = await fixture.ask("/en/nothing");
  expect(forPrograms.json.code).toBe("route_not_found");
});

test.each(["/../package.json", "/en/..%2f..%2fetc/passwd", "/_next/static/%2e%2e/%2e%2e/404.html"])(
  "%s reaches nothing outside the export",
  async (path) => {
    expect((await fixture.ask(path)).status).toBe(404);
  },
);

test("no page takes a POST", async () => {
  const { status, headers } = await fixture.ask("/en", { method: "POST", headers: { "next-action": "x" } });
  expect([status, headers["allow"]]).toEqual([405, "GET, HEAD"]);
});

test("an export that is not there is one sentence", async () => {
  await expect(openGateway({ staticDir: join(folder, "none") })).rejects.toMatchObject({ code: "site_unreadable" });
});
