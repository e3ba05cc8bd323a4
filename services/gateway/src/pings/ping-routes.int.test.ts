import { afterEach, expect, test } from "@jest/globals";
import { PING_TOKEN } from "../testing/fake-api.ts";
import { type Fixture, openGateway } from "../testing/gateway-fixture.ts";

let open: Fixture | undefined;
afterEach(async () => {
  await open?.gateway.stop();
  open = undefined;
});

const gateway = async (...options: Parameters<typeof openGateway>): Promise<Fixture> => {
  open = await openGateway(...options);
  return open;
};

const RID = "0d9c7a52-93a1-4f4e-8f7e-5a2f6f0c4b11";

test.each(["GET", "HEAD", "POST"])("a job is heard by %s without signing in, and told OK", async (method) => {
  const at = await gateway({ tokenHash: "00".repeat(32) });
  const told = await at.ask(`/ping/${PING_TOKEN}/start?rid=${RID}`, { method });
  expect(told).toMatchObject({ status: 200, text: method === "HEAD" ? "" : "OK" });
  expect(told.headers["ping-body-limit"]).toBe("100000");
  expect(at.api.pings).toMatchObject([{ token: PING_TOKEN, kind: "PING_KIND_START", runId: RID }]);
});

test("of what a job wrote the last 4 KB are kept, whatever it calls them", async () => {
  const at = await gateway();
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json", "nonsense"]) {
    const body = `${"x".repeat(90_000)}the end`;
    const headers = { "content-type": type, "content-length": String(body.length) };
    expect(await at.ask(`/ping/${PING_TOKEN}/7`, { method: "POST", headers, body })).toMatchObject({ status: 200 });
  }
  expect(at.api.pings).toHaveLength(4);
  for (const { log, exitCode } of at.api.pings) {
    expect([log.length, exitCode]).toEqual([4096, "7"]);
    expect(Buffer.from(log).toString()).toMatch(/xthe end$/);
  }
});

test("a body beyond 100 KB is refused and nothing is recorded", async () => {
  const at = await gateway();
  const told = await at.ask(`/ping/${PING_TOKEN}`, { method: "POST", body: Buffer.alloc(100_001) });
  expect(told.status).toBe(413);
  expect(at.api.pings).toEqual([]);
});

test.each([
  [`/ping/${PING_TOKEN}/300`, 400, "invalid url format"],
  [`/ping/${PING_TOKEN}?rid=7`, 400, "invalid url format"],
  ["/ping/nobody", 404, "not found"],
  ["/ping/key/twice", 409, "ambiguous slug"],
])("%s is answered %i", async (path, status, text) => {
  const at = await gateway();
  expect(await at.ask(path)).toMatchObject({ status, text });
});

test("nothing is acknowledged while the service that records is away", async () => {
  const at = await gateway();
  expect(await at.ask("/ping/away")).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
});

test("pushes of Uptime Kuma's clients are taken and answered as they expect", async () => {
  const at = await gateway({ tokenHash: "00".repeat(32) });
  expect(await at.ask(`/api/push/${PING_TOKEN}?status=up&msg=OK&ping=12`)).toMatchObject({
    status: 200,
    json: { ok: true },
  });
  expect(await at.ask(`/api/push/${PING_TOKEN}?status=down&msg=disk%20full`)).toMatchObject({ json: { ok: true } });
  expect(await at.ask(`/api/push/${PING_TOKEN}`)).toMatchObject({ json: { ok: true } });
  expect(at.api.pings.map(({ kind }) => kind)).toEqual(["PING_KIND_SUCCESS", "PING_KIND_FAIL", "PING_KIND_SUCCESS"]);
  expect(Buffer.from(at.api.pings[1]?.log ?? []).toString()).toBe("disk full");
  expect(await at.ask("/api/push/nobody")).toMatchObject({
    status: 404,
    json: { ok: false, msg: "Monitor not found or not active." },
  });
});

test("the address is shown to whoever may change the monitor, and to nobody else", async () => {
  const at = await gateway({ tokenHash: "00".repeat(32) });
  expect(await at.ask("/api/v1/monitors/mon_shop/ping-address")).toMatchObject({ status: 401 });
  const inside = await openGateway();
  try {
    const told = await inside.ask("/api/v1/monitors/mon_shop/ping-address");
    expect(told.json).toEqual({
      path: `/ping/${PING_TOKEN}`,
      pushPath: `/api/push/${PING_TOKEN}`,
      slugPath: "/ping/key/shop",
    });
    expect((await inside.ask("/api/v1/monitors/other/ping-address")).json).toMatchObject({
      code: "monitor_not_called",
    });
  } finally {
    await inside.gateway.stop();
  }
});
