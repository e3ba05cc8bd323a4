import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createEgress, EgressError } from "@sentinel/egress";
import { type Clock, systemClock } from "@sentinel/service-kit";
import { close, listen } from "./listen.ts";
import { createSleeper } from "./sleeper.ts";
import { type DemoTargets, startDemoTargets } from "./targets.ts";

const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });

describe("the demo targets", () => {
  let demo: DemoTargets;
  const urlOf = (name: string): string => demo.monitors.find((each) => each.name === name)?.endpoints[0]?.url ?? "";
  const ask = (name: string, headers: Record<string, string> = {}) =>
    egress.request({ url: urlOf(name), timeoutMs: 5000, headers });

  beforeAll(async () => {
    demo = await startDemoTargets();
  });
  afterAll(() => demo.stop());

  test("come with one monitor each, checked every five seconds, and only the sleeper is repaired", () => {
    expect(demo.monitors.map(({ name, everyMs, repair }) => [name, everyMs, repair?.mode])).toEqual([
      ["demo-healthy", 5000, "REPAIR_MODE_OFF"],
      ["demo-slow", 5000, "REPAIR_MODE_OFF"],
      ["demo-broken", 5000, "REPAIR_MODE_OFF"],
      ["demo-expired", 5000, "REPAIR_MODE_OFF"],
      ["demo-sleeper", 5000, "REPAIR_MODE_AUTO"],
    ]);
  });

  test("one is healthy, one answers 500", async () => {
    expect((await ask("demo-healthy")).status).toBe(200);
    expect((await ask("demo-broken")).status).toBe(500);
  });

  test("one answers later than its monitor calls slow", async () => {
    const { status, phases } = await ask("demo-slow");
    const slowAfterMs = demo.monitors.find(({ name }) => name === "demo-slow")?.slowAfterMs ?? 0;
    expect(status).toBe(200);
    expect(phases.firstByteMs).toBeGreaterThan(slowAfterMs);
  });

  test("one has an expired certificate, and that is the reason given", async () => {
    const thrown = await ask("demo-expired").catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(EgressError);
    expect(thrown).toMatchObject({ failure: { reason: "tls_expired" } });
  });

  test("one is asleep at first", async () => {
    expect((await ask("demo-sleeper")).status).toBe(503);
  });

  test("a second demo on the same machine takes other ports", async () => {
    const second = await startDemoTargets();
    const ports = [...demo.monitors, ...second.monitors].map(({ endpoints }) => endpoints[0]?.url);
    await second.stop();
    expect(new Set(ports).size).toBe(10);
  });
});

test("the port that is wanted is taken when it is free, and left when it is not", async () => {
  const [first, second] = [createServer(), createServer()];
  const port = await listen(first, 0);
  expect(await listen(second, port)).not.toBe(port);
  await Promise.all([close(first), close(second)]);
});

describe("the sleeper", () => {
  /** Time that the test moves; a sleep ends when the test lets it. */
  function handClock() {
    let now = 0;
    let release: (() => void) | undefined;
    const clock: Clock = {
      now: () => now,
      monotonic: () => now,
      sleep: (ms) =>
        new Promise((resolve) => {
          release = () => {
            now += ms;
            resolve();
          };
        }),
    };
    return { clock, pass: (ms: number) => void (now += ms), wakes: () => release !== undefined, up: () => release?.() };
  }

  const hand = handClock();
  const server = createSleeper({ clock: hand.clock, idleMs: 30_000, wakeMs: 20_000 }, new AbortController().signal);
  let url = "";
  const ask = async (headers: Record<string, string> = {}): Promise<number> =>
    (await egress.request({ url, timeoutMs: 5000, headers })).status;

  beforeAll(async () => {
    url = `http://127.0.0.1:${await listen(server, 0)}/`;
  });
  afterAll(() => close(server));

  test("ignores checks, wakes by a knock that it answers when it is up, stays up while used, sleeps when idle", async () => {
    expect(await ask()).toBe(503);
    const knock = ask({ "sentinel-purpose": "wake-up" });
    // The check reaches it on the same loopback while it still wakes.
    while (!hand.wakes()) expect(await ask()).toBe(503);
    hand.up();
    expect(await knock).toBe(200);
    hand.pass(29_000);
    expect(await ask()).toBe(200);
    hand.pass(29_000);
    expect(await ask()).toBe(200);
    hand.pass(31_000);
    expect(await ask()).toBe(503);
  });
});
