import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "@sentinel/service-kit";
import { type DnsAnswer, type DnsTarget, startDnsTarget, startHttpTarget, VirtualClock } from "@sentinel/testkit";
import { createEgress } from "./create-egress.ts";
import { createResolve } from "./resolve.ts";

const zone = new Map<string, DnsAnswer>();
let dns: DnsTarget;
beforeAll(async () => {
  dns = await startDnsTarget((name) => zone.get(name) ?? "nxdomain");
});
afterAll(() => dns.stop());

const asked = (name: string): number => dns.questions.filter((each) => each === name).length;

describe("a name", () => {
  test("that is an address already, or this machine, needs no name server", async () => {
    const resolve = createResolve({ clock: systemClock, servers: [dns.server] });
    const before = dns.questions.length;
    expect(await resolve("192.0.2.7", 500)).toMatchObject({ ok: true, addresses: ["192.0.2.7"] });
    expect(await resolve("[2001:DB8::7]", 500)).toMatchObject({ ok: true, addresses: ["2001:db8::7"] });
    for (const name of ["localhost", "LocalHost.", "shop.localhost"]) {
      expect(await resolve(name, 500)).toMatchObject({ ok: true, addresses: ["127.0.0.1", "::1"] });
    }
    expect(dns.questions.length).toBe(before);
  });

  test("leads to all its addresses, and is asked for again only when its time to live is over", async () => {
    const clock = new VirtualClock();
    const resolve = createResolve({ clock, servers: [dns.server] });
    zone.set("shop.test", ["192.0.2.1", "192.0.2.2"]);
    expect(await resolve("shop.test", 2000)).toMatchObject({ ok: true, addresses: ["192.0.2.1", "192.0.2.2"] });
    const before = asked("shop.test");
    zone.set("shop.test", ["192.0.2.3"]);
    await clock.advance(29_000);
    expect(await resolve("SHOP.test.", 2000)).toMatchObject({ addresses: ["192.0.2.1", "192.0.2.2"] });
    expect(asked("shop.test")).toBe(before);
    await clock.advance(2000);
    expect(await resolve("shop.test", 2000)).toMatchObject({ ok: true, addresses: ["192.0.2.3"] });
  });

  test("that many ask for together is asked for once", async () => {
    const resolve = createResolve({ clock: new VirtualClock(), servers: [dns.server] });
    zone.set("many.test", ["192.0.2.4"]);
    const answers = await Promise.all(Array.from({ length: 500 }, () => resolve("many.test", 5000)));
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, addresses: ["192.0.2.4"] });
    const alone = createResolve({ clock: new VirtualClock(), servers: [dns.server] });
    const together = asked("many.test");
    await alone("many.test", 5000);
    // A question for each family.
    expect(asked("many.test") - together).toBe(together);
  });

  test("whose question runs out of time for one who asked is asked for again for one who has more", async () => {
    const resolve = createResolve({ clock: new VirtualClock(), servers: [dns.server] });
    zone.set("late.test", "silence");
    const short = resolve("late.test", 100);
    const long = resolve("late.test", 10_000);
    expect(await short).toMatchObject({ ok: false, reason: "timeout_in_dns" });
    zone.set("late.test", ["192.0.2.5"]);
    expect(await long).toMatchObject({ ok: true, addresses: ["192.0.2.5"] });
  });

  test.each([
    ["does not exist", "nxdomain", "dns_nxdomain"],
    ["has no address", "empty", "dns_no_address"],
    ["cannot be looked up", "servfail", "dns_failed"],
    ["gets no answer", "silence", "timeout_in_dns"],
  ] as const)("that %s is told as such, and not remembered", async (_what, answer, reason) => {
    const resolve = createResolve({ clock: systemClock, servers: [dns.server] });
    zone.set("odd.test", answer);
    expect(await resolve("odd.test", 300)).toMatchObject({ ok: false, reason, detail: "odd.test" });
    zone.set("odd.test", ["192.0.2.9"]);
    expect(await resolve("odd.test", 2000)).toMatchObject({ ok: true, addresses: ["192.0.2.9"] });
  });
});

describe("through a name server", () => {
  const strict = () =>
    createEgress({
      policy: { allowPrivate: false, allowCidrs: [] },
      clock: systemClock,
      resolve: createResolve({ clock: systemClock, servers: [dns.server] }),
    });

  test.each([
    ["127.0.0.1", "address_forbidden"],
    ["10.0.0.1", "address_forbidden"],
    ["169.254.169.254", "address_metadata"],
  ])("a name that leads to %s is not dialled", async (address, reason) => {
    const target = await startHttpTarget();
    zone.set("inside.test", [address]);
    const asking = strict().request({ url: `http://inside.test:${target.port}/`, timeoutMs: 2000 });
    await expect(asking).rejects.toMatchObject({
      failure: { reason, phase: "connect", params: { host: "inside.test", address } },
    });
    expect(target.connections).toBe(0);
    await target.stop();
  });

  test("a name that does not exist is charged to the look-up", async () => {
    const asking = strict().request({ url: "http://nobody.test/", timeoutMs: 2000 });
    await expect(asking).rejects.toMatchObject({
      failure: {
        reason: "dns_nxdomain",
        phase: "dns",
        params: { host: "nobody.test" },
        facts: { remoteAddress: undefined },
      },
    });
  });
});
