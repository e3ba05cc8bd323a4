import { readdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTcp, type Server as TcpServer } from "node:net";
import { createSocket } from "node:dgram";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type EndpointResult, Verdict } from "@sentinel/contracts";
import { createEgress, type Egress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { createBrowsers } from "../browser/browsers.ts";
import { probe } from "./index.ts";
import { describeAgainst, inShort, requestFor } from "./test-checks.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const PASSWORD = "correct horse";
const SECRET = { with: "${SENTINEL_SECRET_SHOP}" };
const secret = (name: string): string | undefined => (name === "SENTINEL_SECRET_SHOP" ? PASSWORD : undefined);

let egress: Egress;
let site: Server;
let base = "";
const sockets: (Server | TcpServer)[] = [];

const PAGES: Readonly<Record<string, string>> = {
  "/login": `<title>Sign in</title><form method="post" action="/login"><input id="user" name="user">
    <input id="password" name="password" type="password"><button>Sign in</button></form>`,
  "/account": `<title>Account</title><h1>Welcome back, alice</h1><p id="cart">2 things</p><p id="spinner" hidden>…</p>`,
  "/broken": `<h1>Shop</h1><script>undefinedThing.buy()</script>`,
  "/covered": `<button id="buy">Buy</button><div style="position:fixed;inset:0;background:red"></div>`,
  "/alerts": `<h1>Stay</h1><script>while (true) alert("stay")</script>`,
  "/loop": `<h1>Busy</h1><script>setTimeout(() => { while (true); }, 0)</script>`,
  "/popups": `<h1>Popups</h1><script>for (let i = 0; i < 5; i++) window.open("/account")</script><p id="done">done</p>`,
  "/huge": `<h1>Huge</h1><script>(async () => { for await (const _ of (await fetch("/flood")).body); })()</script>`,
  "/echo": `<h1>Echo</h1><input id="shown">`,
};

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? "/", "http://site").pathname;
  const page = PAGES[path];
  if (path === "/slow") return;
  if (path === "/half") return void response.writeHead(200, { "content-type": "text/html" }).write("<h1>Half</h1>");
  if (path === "/download") {
    response.writeHead(200, { "content-type": "application/zip", "content-disposition": "attachment" }).end("PK");
    return;
  }
  if (path === "/favicon.ico") return void response.writeHead(204).end();
  if (path === "/flood") return flood(response);
  if (request.method === "POST") return signIn(request, response);
  if (page === undefined) return void response.writeHead(404, { "content-type": "text/html" }).end("<h1>Gone</h1>");
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
}

function flood(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/html" });
  const more = (): void => {
    while (!response.destroyed && response.write("<p>".padEnd(65_536, "x")));
  };
  response.on("drain", more);
  more();
}

function signIn(request: IncomingMessage, response: ServerResponse): void {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    const right = new URLSearchParams(body).get("password") === PASSWORD;
    response.writeHead(303, { location: right ? "/account" : "/login?wrong" }).end();
  });
}

async function listen(server: Server | TcpServer, host = "127.0.0.1"): Promise<number> {
  sockets.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

beforeAll(async () => {
  egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  site = createServer(answer);
  base = `browser+http://127.0.0.1:${await listen(site)}`;
});

afterAll(async () => {
  egress.close();
  site.closeAllConnections();
  await Promise.all(sockets.map((server) => new Promise((resolve) => server.close(resolve))));
});

const browsers = createBrowsers("");
const see = (path: string, browser: object = {}, more: object = {}, timeoutMs = 15_000): Promise<EndpointResult> =>
  probe(requestFor({ url: `${base}${path}`, browser, ...more }, { egress, timeoutMs, secret, browsers }));

/** Processes that this one started and that still run. */
async function children(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const task of await readdir("/proc/self/task")) {
    const ids = await readFile(`/proc/self/task/${task}/children`, "utf8").catch(() => "");
    for (const id of ids.split(" ").filter(Boolean)) {
      const state = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
      if (/chrom/.test(state) && !/\) Z /.test(state)) found.push(state);
    }
  }
  return found;
}

const LOGIN = [{ fill: "#user", with: "alice" }, { fill: "#password", ...SECRET }, { click: "text=Sign in" }];

describeAgainst(
  "Chromium",
  CHROMIUM,
  "browser journeys are not tried here",
)("a journey in a browser", () => {
  test("goes through a login in three steps, and nothing of it runs on", async () => {
    const steps = [
      ...LOGIN,
      { expectUrl: "/account" },
      { expectText: "welcome back", in: "h1" },
      { expectVisible: "#cart" },
      { expectHidden: "#spinner" },
      { waitFor: "#spinner" },
      { script: "return document.title === 'Account'" },
    ];
    const assert = [
      { subject: "value", of: "errors", is: 0 },
      { subject: "value", of: "title", is: "Account" },
      { subject: "status", is: 200 },
    ];
    const result = await see("/login", { steps }, { assert });
    expect([inShort(result), result.evidence?.params]).toEqual(["HEALTHY", undefined]);
    expect(result.phases?.connectMs).toBeGreaterThan(0);
    expect(await children()).toEqual([]);
  });

  test("names the step that failed, shows the page and how long each step took, and no secret", async () => {
    const result = await see("/login", { steps: [...LOGIN, { name: "basket", expectText: "3 things" }] }, {}, 3000);
    expect(inShort(result)).toBe("DOWN page_text_missing");
    expect(result.evidence?.params).toEqual({
      step: "basket",
      expected: "3 things",
      actual: "Welcome back, alice 2 things",
    });
    expect(
      Buffer.from(result.evidence?.screenshot ?? [])
        .subarray(0, 3)
        .toString("hex"),
    ).toBe("ffd8ff");
    expect(result.evidence?.screenshot.length).toBeLessThanOrEqual(64_000);
    expect(result.evidence?.steps.map(({ name }) => name).slice(1)).toEqual([
      "fill #user",
      "fill #password",
      "click text=Sign in",
      "basket",
    ]);
    expect(JSON.stringify(result)).not.toContain(PASSWORD);
    const { dnsMs = 0, connectMs = 0, tlsMs = 0, firstByteMs = 0, transferMs = 0 } = result.phases ?? {};
    expect(dnsMs + connectMs + tlsMs + firstByteMs + transferMs).toBeCloseTo(result.durationMs, 3);
  });

  test("shows no picture of a page on which a secret can be read", async () => {
    const result = await see("/echo", { steps: [{ fill: "#shown", ...SECRET }, { expectVisible: "#no" }] }, {}, 3000);
    expect(inShort(result)).toBe("DOWN page_element_missing");
    expect(result.evidence?.screenshot).toHaveLength(0);
  });

  test.each([
    ["/gone", [], "DOWN status"],
    ["/account", [{ expectUrl: "/basket" }], "DOWN page_url"],
    ["/account", [{ expectHidden: "#cart" }], "DOWN page_element_visible"],
    ["/account", [{ click: "##" }], "DOWN page_selector"],
    ["/account", [{ script: "throw new Error('too few')" }], "DOWN page_script"],
    ["/account", [{ goto: "/gone" }], "DOWN status"],
    ["/covered", [{ click: "#buy" }], "DOWN page_element_unusable"],
    ["/slow", [], "DOWN timeout_in_first_byte"],
    ["/half", [], "DOWN timeout_in_transfer"],
    ["/download", [], "DOWN page_download"],
    ["/login", [{ fill: "#user", with: "${SENTINEL_SECRET_OTHER}" }], "UNKNOWN secret_missing"],
  ])("%s %j: %s", async (path, steps, expected) => {
    expect(inShort(await see(path, { steps }, {}, 2000))).toBe(expected);
  });

  test("errors of scripts are kept, and can be judged", async () => {
    const assert = [{ subject: "value", of: "errors", is: 0, severity: "degraded" }];
    const result = await see("/broken", { steps: [{ expectText: "Shop" }] }, { assert });
    expect(inShort(result)).toBe("DEGRADED assertion");
    expect(result.evidence?.console).toEqual(["ReferenceError: undefinedThing is not defined"]);
  });

  test.each([
    ["/alerts", "DOWN page_dialogs"],
    ["/loop", "DOWN page_hangs"],
    ["/huge", "DOWN body_too_large"],
    ["/popups", "HEALTHY"],
  ])("a hostile page holds nothing up: %s", async (path, expected) => {
    const steps = path === "/popups" ? [{ expectVisible: "#done" }] : [{ expectVisible: "#never" }];
    expect(inShort(await see(path, { steps }, {}, path === "/huge" ? 30_000 : 3000))).toBe(expected);
    expect(await children()).toEqual([]);
  });

  test("a host that cannot be reached is told as with every other kind", async () => {
    const closed = createTcp();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const url = `browser+http://127.0.0.1:${port}/`;
    const result = await probe(requestFor({ url }, { egress, timeoutMs: 9000, browsers }));
    expect(inShort(result)).toBe("DOWN connect_refused");
    expect(result.evidence?.params).toMatchObject({
      host: "127.0.0.1",
      port: String(port),
      step: `goto http://127.0.0.1:${port}/`,
    });
  });

  test("no page sends anything to a forbidden address, by whatever way", async () => {
    let arrived = 0;
    const forbidden = createTcp((socket) => {
      arrived += 1;
      socket.destroy();
    });
    const port = await listen(forbidden, "127.0.0.2");
    const datagrams = createSocket("udp4");
    datagrams.on("message", () => {
      arrived += 1;
    });
    await new Promise<void>((resolve) => datagrams.bind(port, "127.0.0.2", resolve));
    const at = `127.0.0.2:${port}`;
    const hostile = createServer((request, response) => {
      if (request.url === "/away") return void response.writeHead(302, { location: `http://${at}/redirected` }).end();
      response.writeHead(200, { "content-type": "text/html" }).end(`
        <link rel="dns-prefetch" href="http://${at}"><link rel="preconnect" href="http://${at}">
        <link rel="prefetch" href="http://${at}/p"><img src="http://${at}/i"><iframe src="http://${at}/f"></iframe>
        <script>
          const tried = [];
          const settled = (name) => () => tried.push(name);
          fetch("http://${at}/x", { mode: "no-cors" }).then(settled("fetch"), settled("fetch"));
          fetch("/away", { mode: "no-cors" }).then(settled("redirect"), settled("redirect"));
          new WebSocket("ws://${at}/w").onerror = settled("socket");
          navigator.sendBeacon("http://${at}/b");
          const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:${at}" }, { urls: "turn:${at}?transport=tcp", username: "a", credential: "b" }] });
          peer.createDataChannel("x");
          peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && settled("peer")();
          peer.createOffer().then((offer) => peer.setLocalDescription(offer));
          setInterval(() => { if (tried.length >= 4) document.body.id = "all-tried"; }, 50);
        </script>`);
    });
    const hostilePort = await listen(hostile);
    const strict = createEgress({ policy: { allowPrivate: false, allowCidrs: ["127.0.0.1/32"] }, clock: systemClock });
    try {
      const asked = { egress: strict, timeoutMs: 15_000, browsers };
      const url = `browser+http://127.0.0.1:${hostilePort}/`;
      const result = await probe(requestFor({ url, browser: { steps: [{ waitFor: "#all-tried" }] } }, asked));
      expect([inShort(result), result.evidence?.params]).toEqual(["HEALTHY", undefined]);
      const direct = await probe(requestFor({ url: `browser+http://${at}/` }, asked));
      expect(inShort(direct)).toBe("UNKNOWN address_forbidden");
      expect(arrived).toBe(0);
      const allowed = await probe(requestFor({ url }, { ...asked, egress }));
      expect([inShort(allowed), arrived > 0]).toEqual(["HEALTHY", true]);
    } finally {
      strict.close();
      hostile.closeAllConnections();
      datagrams.close();
    }
  });

  test("without a browser nothing is claimed, and it is said what to install", async () => {
    const ask = (setting: string) =>
      probe(requestFor({ url: `${base}/account` }, { egress, timeoutMs: 2000, browsers: createBrowsers(setting) }));
    expect(await ask("off")).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "browser_missing" });
    expect(await ask("/no/such/program")).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "browser_missing" });
    expect(await ask("/bin/false")).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "browser_failed" });
    expect(await ask("ws://127.0.0.1:1/")).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "browser_failed" });
  });

  test("no more browsers run at once than allowed", async () => {
    const one = createBrowsers("", 1);
    const release = await one.place(1000);
    const waiting = probe(requestFor({ url: `${base}/account` }, { egress, timeoutMs: 60, browsers: one }));
    expect(await waiting).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "browser_busy" });
    release();
    const after = await probe(requestFor({ url: `${base}/account` }, { egress, timeoutMs: 15_000, browsers: one }));
    expect(inShort(after)).toBe("HEALTHY");
  });
});
