import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Server as GrpcServer, ServerCredentials } from "@grpc/grpc-js";
import { createCertificate, startHttpTarget, startTlsTarget } from "@sentinel/testkit";
import { HealthImplementation } from "grpc-health-check";
import { WebSocketServer } from "ws";
import { gated, type Opening } from "./world.ts";

const DAY_MS = 86_400_000;
const now = Date.now();
const certificate = (days: number, name = "127.0.0.1") =>
  createCertificate({
    commonName: "shop.test",
    names: [name],
    validFromMs: now - 100 * DAY_MS,
    validToMs: now + (days + 0.5) * DAY_MS,
  });

const answerShop = (_: IncomingMessage, response: ServerResponse): void =>
  void response.writeHead(200, { "content-type": "application/json" }).end('{"status":"ok","queue":3}');

export const http: Opening = async () => {
  const target = await startHttpTarget(answerShop);
  const { gate, common } = await gated(target.port);
  const status = (code: number) => () => target.answer((_, response) => void response.writeHead(code).end("busy"));
  const well = (): void => target.answer(answerShop);
  return {
    kind: "http",
    endpoint: { url: `http://127.0.0.1:${gate.port}/` },
    changes: [
      ...common,
      { how: "it answers 503", make: status(503), undo: well },
      { how: "the page lacks a text", asks: { expect: { bodyContains: "Welcome" } } },
      { how: "a JSON value is too high", asks: { assert: [{ subject: "json", of: "$.queue", atMost: 2 }] } },
      {
        how: "it is not JSON",
        make: status(200),
        undo: well,
        asks: { assert: [{ subject: "json", of: "$.a", is: 1 }] },
      },
    ],
    stop: async () => {
      await gate.shut();
      await target.stop();
    },
  };
};

function answerLogin(request: IncomingMessage, response: ServerResponse): void {
  const right = request.headers.authorization === "Bearer t0ken-of-the-day";
  if (request.url === "/login") return void response.end('{"token":"t0ken-of-the-day"}');
  response.writeHead(right ? 200 : 401).end("your basket");
}

export const scenario: Opening = async () => {
  const target = await startHttpTarget(answerLogin);
  const { gate, common } = await gated(target.port);
  const base = `http://127.0.0.1:${gate.port}`;
  const steps = [
    {
      name: "login",
      url: `${base}/login`,
      method: "POST",
      capture: [{ name: "token", subject: "json", of: "$.token" }],
    },
    { name: "basket", url: `${base}/basket`, headers: { authorization: "Bearer {{token}}" } },
  ];
  const well = (): void => target.answer(answerLogin);
  return {
    kind: "scenario",
    endpoint: { url: "scenario://shop", scenario: { steps } },
    changes: [
      ...common.slice(0, 2),
      {
        how: "the login gives no token",
        make: () => target.answer((_, response) => void response.end("{}")),
        undo: well,
      },
      {
        how: "the token is not accepted",
        make: () =>
          target.answer((request, response) =>
            request.url === "/login" ? answerLogin(request, response) : void response.writeHead(403).end(),
          ),
        undo: well,
      },
    ],
    stop: async () => {
      await gate.shut();
      await target.stop();
    },
  };
};

export const tls: Opening = async () => {
  const made = certificate(90);
  const target = await startTlsTarget(made, answerShop);
  const { gate, common } = await gated(target.port);
  const trusting = (more: object) => ({
    tls: { tls: { authorities: made.cert, ...more }, ...("warnDays" in more ? more : {}) },
  });
  const days = (warnDays: number, failDays: number) => ({
    tls: { tls: { authorities: made.cert }, warnDays, failDays },
  });
  return {
    kind: "tls",
    endpoint: { url: `tls://127.0.0.1:${gate.port}`, ...trusting({}) },
    changes: [
      ...common,
      { how: "nobody trusts the certificate", asks: { tls: {} } },
      { how: "it is for another name", asks: trusting({ serverName: "pay.test" }) },
      { how: "it ends soon", asks: days(100, 3) },
      { how: "it ends very soon", asks: days(200, 100) },
      {
        how: "the cipher suite is not one of those accepted",
        asks: { tls: { tls: { authorities: made.cert }, ciphers: ["TLS_NEVER"] } },
      },
    ],
    stop: async () => {
      await gate.shut();
      await target.stop();
    },
  };
};

export const grpc: Opening = async () => {
  const health = new HealthImplementation({ "": "SERVING", "shop.Orders": "SERVING", "shop.Carts": "NOT_SERVING" });
  const server = new GrpcServer();
  health.addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, at) =>
      error === null ? resolve(at) : reject(error),
    );
  });
  const { gate, common } = await gated(port);
  const base = `grpc://127.0.0.1:${gate.port}`;
  return {
    kind: "grpc",
    endpoint: { url: `${base}/shop.Orders` },
    changes: [
      ...common,
      {
        how: "the service stops serving",
        make: () => health.setStatus("shop.Orders", "NOT_SERVING"),
        undo: () => health.setStatus("shop.Orders", "SERVING"),
      },
      { how: "the service is not there", asks: { url: `${base}/shop.Nothing` } },
    ],
    stop: async () => {
      await gate.shut();
      server.forceShutdown();
    },
  };
};

export const webSocket: Opening = async () => {
  const target = await startHttpTarget((_, response) => void response.writeHead(426).end());
  const handler = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => false });
  handler.on("connection", (socket) =>
    socket.on("message", (data: Buffer) =>
      data.toString() === "leave" ? socket.close(4001, "not today") : socket.send(`pong ${data.toString()}`),
    ),
  );
  await new Promise((resolve) => handler.once("listening", resolve));
  const address = handler.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { gate, common } = await gated(port);
  return {
    kind: "webSocket",
    endpoint: { url: `ws://127.0.0.1:${gate.port}/`, webSocket: { step: { send: "ping", expect: "^pong" } } },
    changes: [
      ...common,
      {
        how: "it answers something else",
        asks: { webSocket: { step: { send: "ping", expect: "^ready" } } },
        timeoutMs: 1000,
      },
      { how: "it closes the conversation", asks: { webSocket: { step: { send: "leave", expect: "^pong" } } } },
      { how: "it lacks the subprotocol", asks: { webSocket: { subprotocols: ["chat"] } } },
      { how: "it is an ordinary web server", asks: { url: `ws://127.0.0.1:${target.port}/` } },
    ],
    stop: async () => {
      await gate.shut();
      for (const client of handler.clients) client.terminate();
      await new Promise((resolve) => handler.close(resolve));
      await target.stop();
    },
  };
};

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const browser: Opening = async () => {
  if (!BROWSERS.some((path) => existsSync(path))) return { lacks: "chromium" };
  const page =
    (text: string, more = "") =>
    (request: IncomingMessage, response: ServerResponse): void =>
      void response
        .writeHead(request.url === "/favicon.ico" ? 204 : 200, { "content-type": "text/html" })
        .end(`<h1>${text}</h1><button id="buy">Buy</button>${more}`);
  const well = page("Welcome");
  const target = await startHttpTarget(well);
  const { gate, common } = await gated(target.port);
  const undo = (): void => target.answer(well);
  const url = `browser+http://127.0.0.1:${gate.port}/`;
  return {
    kind: "browser",
    endpoint: {
      url,
      browser: {
        steps: [
          { name: "greeting", expectText: "Welcome" },
          { name: "buy", click: "#buy" },
        ],
      },
      assert: [{ subject: "value", of: "errors", is: 0, severity: "degraded" }],
    },
    changes: [
      ...common.slice(0, 1),
      { how: "the page says something else", make: () => target.answer(page("Sold out")), undo, timeoutMs: 3000 },
      {
        how: "another element covers the button",
        make: () => target.answer(page("Welcome", '<div style="position:fixed;inset:0"></div>')),
        undo,
        timeoutMs: 3000,
      },
      { how: "the button is gone", asks: { browser: { steps: [{ name: "buy", click: "#order" }] } }, timeoutMs: 3000 },
      { how: "a script of it fails", make: () => target.answer(page("Welcome", "<script>shop.open()</script>")), undo },
      {
        how: "it answers 500",
        make: () => target.answer((_, response) => void response.writeHead(500).end("no")),
        undo,
      },
    ],
    stop: async () => {
      await gate.shut();
      await target.stop();
    },
  };
};
