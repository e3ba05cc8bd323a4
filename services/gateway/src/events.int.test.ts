import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { CheckResult, MonitorStatus, Totals } from "@sentinel/contracts";
import { type Fixture, follow, openGateway, type Stream } from "./testing/gateway-fixture.ts";

const open: { fixtures: Fixture[]; streams: Stream[] } = { fixtures: [], streams: [] };

async function start(deps?: Parameters<typeof openGateway>[0]): Promise<Fixture> {
  const fixture = await openGateway(deps, (api) => {
    api.addMonitor("mon_shop", "shop");
    api.addIncident(127);
  });
  open.fixtures.push(fixture);
  return fixture;
}

async function listen(fixture: Fixture, query?: string, headers?: Record<string, string>): Promise<Stream> {
  const stream = await follow(fixture.gateway.url, query, headers);
  open.streams.push(stream);
  return stream;
}

afterEach(async () => {
  for (const stream of open.streams.splice(0)) stream.close();
  await Promise.all(open.fixtures.splice(0).map(({ gateway }) => gateway.stop()));
});

const totals = (checks: number) => ({
  $case: "totals" as const,
  value: Totals.fromPartial({ checks, incidents: 0, autoFixes: 0 }),
});
const check = (monitorId: string, slotMs: number) => ({
  $case: "check" as const,
  value: CheckResult.fromPartial({ monitorId, slotMs, verdict: "VERDICT_HEALTHY" }),
});

describe("the live stream", () => {
  test("begins with a snapshot in the reader's language, then tells each change", async () => {
    const fixture = await start();
    const stream = await listen(fixture, "?lang=fr");
    expect(stream.contentType).toContain("text/event-stream");
    const snapshot = await stream.next();
    expect(snapshot).toMatchObject({
      event: "snapshot",
      data: { monitors: [{ id: "mon_shop" }], config: { exists: true } },
    });
    expect(snapshot.data.incidents[0].diagnosis.text.issue).toContain("injoignable");
    expect(snapshot.data.now).toBe(new Date(fixture.clock.now()).toISOString());

    const down = fixture.api.addMonitor("mon_shop", "shop", { status: MonitorStatus.DOWN });
    fixture.api.push({ $case: "monitor", value: down }, { $case: "monitorRemoved", value: "mon_shop" });
    expect(await stream.next()).toMatchObject({ event: "monitor", data: { status: "down" } });
    expect(await stream.next()).toMatchObject({ event: "monitor_removed", data: { id: "mon_shop" } });
  });

  test("tells a timeline entry as a sentence", async () => {
    const fixture = await start();
    const stream = await listen(fixture);
    const event = { event: { $case: "commentAdded" as const, value: { actor: "ada", text: "on it" } } };
    const entry = { eventId: "e1", version: 3, atMs: 5000, event };
    fixture.api.push({ $case: "timeline", value: { incidentId: 127, entry } });
    const { data } = await stream.nextOf("timeline");
    expect(data).toMatchObject({
      incidentId: 127,
      entry: { type: "comment_added", text: expect.stringContaining("on it") },
    });
  });

  test("sends rounds only of the monitor that was asked for, or of all", async () => {
    const fixture = await start();
    const none = await listen(fixture);
    const one = await listen(fixture, "?monitor=shop");
    const all = await listen(fixture, "?checks=all");
    fixture.api.push(check("mon_other", 1000), check("mon_shop", 2000), totals(1));
    expect((await one.nextOf("check")).data.slotMs).toBe(2000);
    expect((await all.nextOf("check")).data.slotMs).toBe(1000);
    expect((await all.nextOf("check")).data.slotMs).toBe(2000);
    await none.next();
    expect((await none.next()).event).toBe("totals");
  });

  test("beats every 15 s", async () => {
    const fixture = await start();
    const stream = await listen(fixture);
    await stream.nextOf("snapshot");
    await fixture.clock.advance(15_000);
    const first = await stream.next();
    await fixture.clock.advance(15_000);
    const second = await stream.nextOf("heartbeat");
    expect(first).toMatchObject({ event: "heartbeat", id: undefined, data: { upstream: true } });
    expect(Date.parse(second.data.now) - Date.parse(first.data.now)).toBe(15_000);
  });

  test("refuses parameters that nobody knows", async () => {
    const fixture = await start();
    expect((await fixture.ask("/api/v1/events?checks=some")).json.code).toBe("query_invalid");
  });

  test("lets go of a reader that does not read, and of no other", async () => {
    const fixture = await start();
    const good = await listen(fixture);
    const { hostname, port } = new URL(fixture.gateway.url);
    const stuck = request({ hostname, port, path: "/api/v1/events", agent: false }).end();
    stuck.on("error", () => undefined);
    const [response]: IncomingMessage[] = await once(stuck, "response");
    response?.pause();
    const value = { actor: "ada", text: "x".repeat(140_000) };
    const entry = { eventId: "e1", version: 3, atMs: 1, event: { event: { $case: "commentAdded" as const, value } } };
    for (let count = 0; count < 100; count += 1) {
      fixture.api.push({ $case: "timeline", value: { incidentId: 127, entry } });
    }
    fixture.api.push(totals(1));
    await good.nextOf("totals");
    await fixture.clock.advance(5000);
    const { text } = await fixture.ask("/metrics");
    stuck.destroy();
    expect(text).toContain("sentinel_gateway_event_streams_dropped_total 1");
    fixture.api.push(totals(2));
    expect((await good.nextOf("totals")).data.checks).toBe(2);
  });

  test("ends when the gateway stops", async () => {
    const fixture = await start();
    const stream = await listen(fixture);
    await stream.nextOf("snapshot");
    await fixture.gateway.stop();
    await expect(stream.next()).rejects.toThrow("the stream ended");
  });
});

describe("resuming with Last-Event-ID", () => {
  test("gives exactly what was missed", async () => {
    const fixture = await start();
    const first = await listen(fixture);
    fixture.api.push(totals(1), totals(2), totals(3));
    const seen = await first.nextOf("totals");
    const again = await listen(fixture, "", { "last-event-id": seen.id ?? "" });
    expect((await again.next()).data.checks).toBe(2);
    expect((await again.next()).data.checks).toBe(3);
    expect((await again.next()).event).toBe("heartbeat");
  });

  test.each([
    ["of another start", () => "0123456789ab-1"],
    ["of the future", (id: string) => id.replace(/\d+$/, "999999")],
    ["that is none", () => "what"],
  ])("begins anew from an id %s", async (_name, change) => {
    const fixture = await start();
    const first = await (await listen(fixture)).next();
    const again = await listen(fixture, "", { "last-event-id": change(first.id ?? "") });
    expect((await again.next()).event).toBe("snapshot");
  });

  test("begins anew when more was missed than is kept", async () => {
    const fixture = await start();
    const stream = await listen(fixture);
    const { id = "" } = await stream.nextOf("snapshot");
    for (let count = 1; count <= 1001; count += 1) fixture.api.push(totals(count));
    for (let count = 1; count <= 1001; count += 1) await stream.nextOf("totals");
    const again = await listen(fixture, "", { "last-event-id": id });
    const snapshot = await again.next();
    expect(snapshot).toMatchObject({ event: "snapshot", data: { totals: { checks: 1001 } } });
  });
});

describe("when the incidents service is away", () => {
  test("it is followed again by itself, and every reader gets the new state", async () => {
    const fixture = await start();
    const stream = await listen(fixture);
    await stream.nextOf("snapshot");
    fixture.api.addMonitor("mon_new", "new");
    fixture.api.breakWatches();
    await fixture.clock.until(() => fixture.api.watches === 2, 10_000);
    const { data } = await stream.nextOf("snapshot");
    expect(data.monitors.map((each: { id: string }) => each.id)).toEqual(["mon_new", "mon_shop"]);
  });

  test("readers and the overview are told at once when nothing is recorded any more, and since when", async () => {
    const fixture = await start();
    const stream = await listen(fixture);
    await stream.nextOf("snapshot");
    fixture.api.fold(4000, 5000);
    const told = await stream.nextOf("heartbeat");
    expect(told.data).toMatchObject({ upstream: true, notFoldedSince: "1970-01-01T00:00:05.000Z" });
    const overview = { foldedAt: "1970-01-01T00:00:04.000Z", notFoldedSince: "1970-01-01T00:00:05.000Z" };
    expect((await fixture.ask("/api/v1/status")).json).toMatchObject(overview);
    fixture.api.fold(9000, 0);
    expect((await stream.nextOf("heartbeat")).data.notFoldedSince).toBeNull();
    expect((await fixture.ask("/api/v1/status")).json).toMatchObject({ notFoldedSince: null });
  });

  test("readers keep what is known and are told that it is not heard from", async () => {
    const fixture = await start();
    const stream = await listen(fixture);
    await stream.nextOf("snapshot");
    fixture.api.refuseWatch = true;
    fixture.api.breakWatches();
    await fixture.clock.until(() => fixture.gateway.health() !== null, 20_000);
    await fixture.clock.advance(15_000);
    const { data } = await stream.nextOf("heartbeat");
    expect(data.upstream).toBe(false);
    expect(Date.parse(data.notFoldedSince)).toBeLessThan(Date.parse(data.now));
    expect((await fixture.ask("/api/v1/monitors")).json.data).toHaveLength(1);
  });

  test("silence counts as a break", async () => {
    const fixture = await start();
    await fixture.clock.until(() => fixture.api.watches === 2, 90_000);
    expect(fixture.api.watches).toBe(2);
  });
});

describe("readiness", () => {
  test("waits for the first snapshot", async () => {
    const fixture = await openGateway({}, (api) => (api.refuseWatch = true));
    open.fixtures.push(fixture);
    expect((await fixture.ask("/livez")).status).toBe(200);
    const told = await fixture.ask("/readyz");
    expect([told.status, told.json.code]).toEqual([503, "not_ready"]);
    fixture.api.refuseWatch = false;
    await fixture.clock.until(() => fixture.gateway.health() === null, 20_000);
    expect((await fixture.ask("/readyz")).status).toBe(200);
  });

  test("waits for the first check where there is something to check", async () => {
    const fixture = await openGateway({}, (api) => void api.addMonitor("mon_shop", "shop", { lastCheckedAtMs: 0 }));
    open.fixtures.push(fixture);
    expect((await fixture.ask("/readyz")).status).toBe(503);
    const stream = await listen(fixture);
    fixture.api.push({ $case: "monitor", value: fixture.api.addMonitor("mon_shop", "shop") });
    await stream.nextOf("monitor");
    expect((await fixture.ask("/readyz")).status).toBe(200);
  });
});
