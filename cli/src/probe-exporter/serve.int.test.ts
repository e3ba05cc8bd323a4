import { request as startRequest } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { parseBlackbox } from "@sentinel/contracts/config";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { type HttpTarget, startHttpTarget } from "@sentinel/testkit";
import { type ProbeServer, serveProbes } from "./serve.ts";

const MODULES = `
modules:
  basic: {prober: http, timeout: 5s, http: {basic_auth: {username: probe, password: open sesame}}}
  plain: {prober: http, timeout: 5s}
  headers: {prober: http, timeout: 5s, http: {headers: {Authorization: Bearer hush-hush, X-Shown: seen}}}
`;

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

async function exporter(allowPrivate = true): Promise<ProbeServer> {
  const parsed = parseBlackbox(MODULES);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { modules } = parsed;
  const egress = createEgress({ policy: { allowPrivate, allowCidrs: [] }, clock: systemClock });
  const readFile = () => Promise.reject(new Error("no file is named"));
  const server = await serveProbes({
    host: "127.0.0.1",
    port: 0,
    reload: () => Promise.resolve("blackbox.yml:1:1: wrong"),
    deps: () => ({ modules, egress, clock: systemClock, readFile, offsetSeconds: 0.5 }),
  });
  running.push(server);
  return server;
}

async function target(): Promise<HttpTarget> {
  const started = await startHttpTarget();
  running.push(started);
  return started;
}

interface Asked {
  readonly status: number;
  readonly body: string;
}

/** By hand, since `fetch` sets Host and Origin itself. */
function ask(port: number, path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const sent = startRequest({ port, path, headers, method }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on("error", reject).end();
  });
}

const probe = (module: string, url: string): string => `/probe?module=${module}&target=${encodeURIComponent(url)}`;

test("credentials stay with the origin that they were meant for", async () => {
  const [{ port }, first, second] = await Promise.all([exporter(), target(), target()]);
  first.answer((_request, response) => response.writeHead(302, { location: `${second.url}/` }).end());
  const { body } = await ask(port, probe("basic", first.url));
  expect(body).toContain("probe_success 1\n");
  expect(first.requests[0]?.headers.authorization).toMatch(/^Basic /);
  expect(second.requests).toHaveLength(1);
  expect(second.requests[0]?.headers.authorization).toBeUndefined();
});

test.each([
  ["http://169.254.169.254/latest/", true, "address_metadata"],
  ["http://10.0.0.1/", false, "address_forbidden"],
  ["http://user:hush-hush@127.0.0.1/", true, "credentials_in_url"],
])("%s is not dialled (private allowed: %s): %s", async (url, allowPrivate, reason) => {
  const { port } = await exporter(allowPrivate);
  const { status, body } = await ask(port, probe("plain", url));
  expect(status).toBe(200);
  expect(body).toContain("probe_success 0\n");
  expect(body).toContain(`sentinel_probe_reason_info{reason="${reason}"} 1\n`);
});

test.each([
  ["from another page", { origin: "https://evil.example" }],
  ["as the browser says", { "sec-fetch-site": "cross-site" }],
  ["by a name that was bound to this address", { host: "evil.example" }],
])("a web page may not probe: %s", async (_what, headers) => {
  const [{ port }, aim] = await Promise.all([exporter(), target()]);
  expect(await ask(port, probe("plain", aim.url), headers)).toMatchObject({ status: 403 });
  expect(aim.requests).toHaveLength(0);
});

test("the debug output says what was done and shows no secret", async () => {
  const [{ port }, aim] = await Promise.all([exporter(), target()]);
  const { body } = await ask(port, `${probe("headers", aim.url)}&debug=true`);
  expect(body).toContain('msg="Beginning probe"');
  expect(body).toContain('"X-Shown": "seen"');
  expect(body).toContain('"Authorization": "<secret>"');
  expect(body).not.toContain("hush-hush");
  expect((await ask(port, `${probe("basic", aim.url)}&debug=true`)).body).not.toContain("open sesame");
});

test("a reload asks for POST and says what is wrong with the file", async () => {
  const { port } = await exporter();
  expect(await ask(port, "/-/reload")).toMatchObject({ status: 405 });
  const { status, body } = await ask(port, "/-/reload", {}, "POST");
  expect([status, body]).toEqual([500, "failed to reload config: blackbox.yml:1:1: wrong\n"]);
  expect(await ask(port, "/-/healthy")).toMatchObject({ status: 200 });
  expect(await ask(port, "/elsewhere")).toMatchObject({ status: 404 });
});
