import { createServer, type Server } from "node:https";
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { afterAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, type HttpTarget, startHttpTarget, startTlsTarget } from "@sentinel/testkit";
import { get, stopAll, use } from "./test-support.ts";

afterAll(stopAll);

const now = systemClock.now();
const certificate = createCertificate({
  commonName: "127.0.0.1",
  names: ["127.0.0.1"],
  validFromMs: now - 3_600_000,
  validToMs: now + 3_600_000,
});

const redirectingTo = async (location: (path: string) => string, status = 302): Promise<HttpTarget> =>
  use(
    await startHttpTarget((request, response) =>
      response.writeHead(request.url === "/back" ? 200 : status, { location: location(request.url ?? "/") }).end(),
    ),
  );

const HEADERS = {
  Authorization: "Bearer abc",
  COOKIE: "a=1",
  "Proxy-Authorization": "Basic eA==",
  "X-Api-Key": "k",
  "X-Trace": "t",
};
const HELD = ["authorization", "cookie", "proxy-authorization", "x-api-key"];
const secretHeaders = ["x-api-key"];

describe("what proves who we are", () => {
  test("stays with its origin: another port of the same host is another origin", async () => {
    const other = use(await startHttpTarget());
    const target = await redirectingTo(() => other.url);
    await get(target.url, { maxRedirects: 3, headers: HEADERS, secretHeaders });
    const arrived = other.requests[0]?.headers ?? {};
    expect(arrived["x-trace"]).toBe("t");
    for (const name of HELD) expect(arrived).not.toHaveProperty(name);
  });

  test("stays behind where plain HTTP leads to TLS, and where TLS leads to plain HTTP", async () => {
    const seen: object[] = [];
    const plain = use(await startHttpTarget((request, response) => void (seen.push(request.headers), response.end())));
    const secured = use(
      await startTlsTarget(certificate, (request, response) => {
        seen.push(request.headers);
        response.writeHead(302, { location: plain.url }).end();
      }),
    );
    const target = await redirectingTo(() => secured.url);
    const asked = { maxRedirects: 3, headers: HEADERS, secretHeaders, tls: { skipVerify: true } };
    await get(target.url, asked);
    expect(seen).toHaveLength(2);
    for (const headers of seen) for (const name of HELD) expect(headers).not.toHaveProperty(name);
    seen.length = 0;
    await get(secured.url, asked);
    expect(seen[0]).toMatchObject({ authorization: "Bearer abc" });
    for (const name of HELD) expect(seen[1]).not.toHaveProperty(name);
  });

  test("is not taken up again by a redirect that comes back", async () => {
    let home = "";
    const other = await redirectingTo(() => `${home}/back`);
    const target = await redirectingTo(() => other.url);
    home = target.url;
    expect((await get(target.url, { maxRedirects: 3, headers: HEADERS, secretHeaders })).status).toBe(200);
    const [first, back] = target.requests;
    expect(first?.headers).toMatchObject({ authorization: "Bearer abc", cookie: "a=1", "x-api-key": "k" });
    for (const name of HELD) expect(back?.headers).not.toHaveProperty(name);
  });

  test.each([307, 308])("a body with secrets is carried to no other origin by %i, one without is", async (status) => {
    const other = use(await startHttpTarget());
    const target = await redirectingTo(() => other.url, status);
    const post = { method: "POST", body: "word", maxRedirects: 3 };
    expect((await get(target.url, { ...post, secretBody: true })).status).toBe(status);
    expect(other.requests).toHaveLength(0);
    expect((await get(target.url, post)).status).toBe(200);
    expect(other.requests).toHaveLength(1);
  });

  test.each([301, 302, 303])("no body is carried anywhere by %i", async (status) => {
    const methods: string[] = [];
    const other = use(
      await startHttpTarget((request, response) => {
        methods.push(`${request.method ?? ""} ${request.headers["content-length"] ?? ""}`);
        response.end();
      }),
    );
    const target = await redirectingTo(() => other.url, status);
    await get(target.url, { method: "POST", body: "word", secretBody: true, maxRedirects: 3 });
    expect(methods).toEqual(["GET "]);
  });

  test("a certificate is shown to the first origin only", async () => {
    const shown: (string | undefined)[] = [];
    const own = createCertificate({
      commonName: "client.test",
      validFromMs: now - 3_600_000,
      validToMs: now + 3_600_000,
    });
    const asking = async (location: string): Promise<string> => {
      const server: Server = createServer({ ...certificate, requestCert: true, rejectUnauthorized: false });
      server.on("secureConnection", (socket: TLSSocket) =>
        shown.push(socket.getPeerCertificate().subject?.CN?.toString()),
      );
      server.on("request", (_request, response) => response.writeHead(location === "" ? 200 : 302, { location }).end());
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      use({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("no port");
      return `https://127.0.0.1:${address.port}/`;
    };
    const first = await asking(await asking(""));
    const tls = { skipVerify: true, certificate: own.cert, key: own.key };
    expect((await get(first, { maxRedirects: 3, tls })).status).toBe(200);
    expect(shown).toEqual(["client.test", undefined]);
  });
});
