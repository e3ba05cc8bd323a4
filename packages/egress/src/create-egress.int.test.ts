import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "@sentinel/service-kit";
import { type HttpTarget, startHttpTarget, startRawTarget, type Target } from "@sentinel/testkit";
import { createEgress } from "./create-egress.ts";
import { egress, failureOf, get, stopAll, use } from "./test-support.ts";

afterAll(stopAll);

/** Answers with these bytes and then does what the test wants with the connection. */
const raw = async (
  bytes: string | Uint8Array,
  end: "end" | "hold" | "reset" = "end",
): Promise<Target & { url: string }> =>
  use(
    await startRawTarget((socket) => {
      socket.write(bytes, () => {
        if (end === "end") socket.end();
        if (end === "reset") socket.resetAndDestroy();
      });
    }),
  );

describe("an exchange that ends well", () => {
  test("gives status, headers, body, where it went and how long each phase took", async () => {
    const target = use(
      await startHttpTarget((_request, response) => {
        response.writeHead(418, { "x-a": "1", "set-cookie": ["a=1", "b=2"] });
        response.end("short and stout");
      }),
    );
    const answer = await get(`${target.url}/pot?size=2`, { method: "POST", body: "tea", headers: { "X-Sent": "yes" } });
    expect(answer).toMatchObject({
      status: 418,
      headers: { "x-a": "1", "set-cookie": "a=1, b=2" },
      remoteAddress: target.host,
      redirects: [],
      certificate: undefined,
    });
    expect(new TextDecoder().decode(answer.body)).toBe("short and stout");
    expect(target.requests[0]).toMatchObject({ url: "/pot?size=2", method: "POST" });
    expect(target.requests[0]?.headers).toMatchObject({ host: target.host, "x-sent": "yes" });
    for (const ms of Object.values(answer.phases)) expect(ms).toBeGreaterThanOrEqual(0);
    expect(answer.phases.connectMs).toBeGreaterThan(0);
    await target.idle();
  });

  test.each([204, 304])("needs no body with status %d, even one announced as compressed", async (status) => {
    const target = use(
      await startHttpTarget((_request, response) => {
        response.writeHead(status, { "content-encoding": "gzip" });
        response.end();
      }),
    );
    expect((await get(target.url)).status).toBe(status);
    expect((await get(target.url, { method: "HEAD" })).status).toBe(status);
  });

  test("decodes a compressed body", async () => {
    const target = use(
      await startHttpTarget((_request, response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(gzipSync("hello"));
      }),
    );
    expect(new TextDecoder().decode((await get(target.url)).body)).toBe("hello");
  });
});

describe("no connection", () => {
  test("refused: the port and the address that refused are named", async () => {
    const gone = await startHttpTarget();
    await gone.stop();
    const failure = await failureOf(get(gone.url));
    expect(failure).toMatchObject({
      reason: "connect_refused",
      phase: "connect",
      params: { host: "127.0.0.1", port: String(gone.port), address: "127.0.0.1" },
    });
    expect(failure.facts).toMatchObject({ remoteAddress: gone.host, status: undefined });
  });

  test("a host that refuses on one family and cannot be reached on the other refuses", async () => {
    const gone = await startHttpTarget();
    await gone.stop();
    const odd = createEgress({
      policy: { allowPrivate: true, allowCidrs: [] },
      clock: systemClock,
      resolve: () => Promise.resolve({ ok: true, addresses: ["127.0.0.1", "2001:4860::1"] }),
    });
    const failure = await failureOf(odd.request({ url: `http://two.test:${gone.port}`, timeoutMs: 1000 }));
    expect(failure).toMatchObject({ reason: "connect_refused", params: { address: "127.0.0.1" } });
    expect(failure.facts.remoteAddress).toBe(gone.host);
  });

  test("a host that drops what is sent to it: the time is charged to connecting", async () => {
    const full = use(await startFullBacklog());
    const failure = await failureOf(get(`http://127.0.0.1:${full.port}`, { timeoutMs: 300 }));
    expect(failure).toMatchObject({ reason: "timeout_in_connect", phase: "connect" });
    expect(failure.facts.phases.connectMs).toBeGreaterThan(100);
    expect(failure.facts.phases.firstByteMs).toBe(0);
  });
});

/** A listener that accepts nothing, with its queue filled: the system drops further connections without a word. */
async function startFullBacklog(): Promise<Pick<Target, "port" | "stop">> {
  // The wait begins in the same turn as the listening, so that not one connection is taken from the queue.
  const script = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    });`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
  const [first]: unknown[] = await once(child.stdout, "data");
  const port = Number(String(first));
  const fillers: Socket[] = [];
  const connected = async (): Promise<boolean> => {
    const filler = connect({ host: "127.0.0.1", port }).on("error", () => undefined);
    fillers.push(filler);
    return Promise.race([once(filler, "connect").then(() => true), sleep(250, false)]);
  };
  while (await connected());
  return {
    port,
    stop: async () => {
      for (const filler of fillers) filler.destroy();
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

describe("a connection without a whole answer", () => {
  const HEAD = "HTTP/1.1 200 OK\r\n";

  test("silence: charged to the first byte", async () => {
    const target = await raw("", "hold");
    const failure = await failureOf(get(target.url, { timeoutMs: 120 }));
    expect(failure).toMatchObject({ reason: "timeout_in_first_byte", phase: "first_byte" });
    expect(failure.facts.phases.firstByteMs).toBeGreaterThan(80);
    await target.idle();
  });

  test("a body that trickles without end: charged to the transfer, and what came is kept", async () => {
    const target = use(
      await startRawTarget((socket) => {
        socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
        const timer = setInterval(() => socket.write("1\r\nx\r\n"), 10);
        socket.once("close", () => clearInterval(timer));
      }),
    );
    const failure = await failureOf(get(target.url, { timeoutMs: 150 }));
    expect(failure).toMatchObject({ reason: "timeout_in_transfer", phase: "transfer", facts: { status: 200 } });
    expect(failure.facts.phases.transferMs).toBeGreaterThan(80);
    expect(new TextDecoder().decode(failure.facts.body)).toMatch(/^x+$/);
    await target.idle();
  });

  test("headers that trickle without end: the one deadline holds for them too", async () => {
    const target = use(
      await startRawTarget((socket) => {
        socket.write(HEAD);
        const timer = setInterval(() => socket.write("a: b\r\n"), 10);
        socket.once("close", () => clearInterval(timer));
      }),
    );
    const failure = await failureOf(get(target.url, { timeoutMs: 150 }));
    expect(failure).toMatchObject({ reason: "timeout_in_first_byte", phase: "first_byte" });
    await target.idle();
  });

  test("headers that flood without end", async () => {
    const target = use(
      await startRawTarget((socket) => {
        socket.write(HEAD);
        const flood = (): void => {
          while (!socket.destroyed && socket.write(`x-${"y".repeat(500)}: z\r\n`));
        };
        socket.on("drain", flood);
        flood();
      }),
    );
    const failure = await failureOf(get(target.url));
    expect(failure).toMatchObject({ reason: "headers_too_large", phase: "first_byte" });
    await target.idle();
  });

  test.each([
    ["garbage instead of HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "protocol"],
    ["a status line that is none", "HTTP/1.1 abc\r\n\r\n", "protocol"],
    ["nothing at all", "", "empty_reply"],
    ["half a header", `${HEAD}Content-`, "empty_reply"],
  ])("%s", async (_name, bytes, reason) => {
    const target = await raw(bytes);
    expect(await failureOf(get(target.url))).toMatchObject({ reason, phase: "first_byte" });
    await target.idle();
  });

  test("a switch to another protocol is no answer", async () => {
    const target = await raw("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "hold");
    expect(await failureOf(get(target.url))).toMatchObject({ reason: "protocol", phase: "first_byte" });
    await target.idle();
  });

  test("a reset before the first byte", async () => {
    const target = await raw("", "reset");
    expect(await failureOf(get(target.url))).toMatchObject({ reason: "reset", phase: "first_byte" });
  });

  test("a body shorter than announced, and a chunk never finished", async () => {
    for (const body of ["Content-Length: 10\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n9\r\nhalf"]) {
      const target = await raw(`${HEAD}${body}`);
      const failure = await failureOf(get(target.url));
      expect(failure).toMatchObject({ reason: "truncated", phase: "transfer", facts: { status: 200 } });
      expect(new TextDecoder().decode(failure.facts.body)).toBe("half");
    }
  });

  test("a reset in the middle of the body", async () => {
    // More than the system keeps between the two: once all is handed over, the reader is surely in the body.
    const large = Buffer.alloc(16_000_000);
    const cutter = use(
      await startRawTarget((socket) => {
        socket.write(`${HEAD}Content-Length: 99000000\r\n\r\n`);
        socket.write(large, () => socket.resetAndDestroy());
      }),
    );
    const failure = await failureOf(get(cutter.url, { maxBodyBytes: 100_000_000 }));
    expect(failure).toMatchObject({ reason: "reset", phase: "transfer", facts: { status: 200 } });
  });

  test("a broken compression", async () => {
    const target = await raw(`${HEAD}Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnotgzip`);
    expect(await failureOf(get(target.url))).toMatchObject({
      reason: "protocol",
      phase: "transfer",
      params: { detail: "content-encoding" },
    });
  });
});

describe("too much", () => {
  test("a body over 1 MB is left where it passes the limit", async () => {
    const target = use(
      await startHttpTarget((_request, response) => {
        response.on("error", () => undefined);
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on("drain", more);
        more();
      }),
    );
    const failure = await failureOf(get(target.url));
    expect(failure).toMatchObject({ reason: "body_too_large", phase: "transfer", params: { limitBytes: "1000000" } });
    expect(failure.facts.body.length).toBeLessThanOrEqual(1_000_000);
    await target.idle();
  });

  test("a body of exactly the limit passes, one byte more does not", async () => {
    const target = use(
      await startHttpTarget((request, response) => response.end(Buffer.alloc(Number(request.url?.slice(1))))),
    );
    expect((await get(`${target.url}/1000`, { maxBodyBytes: 1000 })).body.length).toBe(1000);
    const failure = await failureOf(get(`${target.url}/1001`, { maxBodyBytes: 1000 }));
    expect(failure).toMatchObject({ reason: "body_too_large", params: { limitBytes: "1000" } });
  });

  test("a gzip bomb is left long before it is unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(900_000));
    const target = use(
      await startHttpTarget((_request, response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(bomb);
      }),
    );
    const failure = await failureOf(get(target.url));
    expect(failure).toMatchObject({ reason: "decompression_bomb", phase: "transfer", params: { ratio: "20" } });
    expect(failure.facts.body.length).toBeLessThan(200_000);
    await target.idle();
  });
});

describe("one deadline over everything", () => {
  const hanging = createEgress({
    policy: { allowPrivate: true, allowCidrs: [] },
    clock: systemClock,
    resolve: () => new Promise(() => undefined),
  });

  test("covers a name server that never answers", async () => {
    const failure = await failureOf(hanging.request({ url: "http://shop.test/", timeoutMs: 60 }));
    expect(failure).toMatchObject({ reason: "timeout_in_dns", phase: "dns", params: { host: "shop.test" } });
    expect(failure.facts.phases.dnsMs).toBeGreaterThan(30);
  });

  test("covers redirects that are each quick enough, and the phases add up to it", async () => {
    let hop = 0;
    const target: HttpTarget = use(
      await startHttpTarget((_request, response) => {
        hop += 1;
        setTimeout(() => {
          response.writeHead(302, { location: `/${hop}` });
          response.end();
        }, 40);
      }),
    );
    const failure = await failureOf(get(target.url, { timeoutMs: 200, maxRedirects: 100 }));
    expect(failure.reason).toMatch(/^timeout_in_/);
    expect(failure.facts.redirects.length).toBeGreaterThan(1);
    const total = Object.values(failure.facts.phases).reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThan(190);
    await target.idle();
  });

  test("a caller that goes away and an egress that closes end what is under way", async () => {
    const target = await raw("", "hold");
    const leaving = new AbortController();
    const asked = failureOf(get(target.url, { signal: leaving.signal }));
    leaving.abort();
    expect((await asked).reason).toMatch(/^timeout_in_/);
    const closing = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
    const open = failureOf(closing.request({ url: target.url, timeoutMs: 60_000 }));
    closing.close();
    expect((await open).reason).toMatch(/^timeout_in_/);
    await target.idle();
  });
});

describe("a plain connection", () => {
  test("is judged and given out open", async () => {
    const target = use(await startRawTarget((socket) => socket.end("220 ready\r\n"), { at: "connection" }));
    const socket = await egress.connect({ host: "127.0.0.1", port: target.port, tls: false, timeoutMs: 1000 });
    const [first]: unknown[] = await once(socket, "data");
    expect(String(first)).toBe("220 ready\r\n");
    socket.destroy();
    await target.idle();
    const refused = egress.connect({ host: "169.254.169.254", port: 25, tls: false, timeoutMs: 1000 });
    expect(await failureOf(refused)).toMatchObject({ reason: "address_metadata", phase: "connect" });
  });
});
