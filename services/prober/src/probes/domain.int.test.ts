import { afterAll, describe, expect, test } from "@jest/globals";
import { renderReason } from "@sentinel/contracts/text";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { startHttpTarget, VirtualClock } from "@sentinel/testkit";
import { createSeeDomain } from "./domain.ts";
import { resultOf } from "./probe.ts";
import { inShort, requestFor } from "./test-checks.ts";

const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  egress.close();
  await Promise.all(stops.map((stop) => stop()));
});

const DAY_MS = 86_400_000;
const NOW = Date.parse("2026-06-01T12:00:00Z");
const expiring = (day: string, status: string[] = ["active"]) => ({
  objectClassName: "domain",
  status,
  events: [
    { eventAction: "registration", eventDate: "2001-01-01T00:00:00Z" },
    { eventAction: "expiration", eventDate: `${day}T12:00:00Z` },
  ],
});

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A registry for "test" and a fallback that knows no other ending, both scripted. */
async function registries(
  answer: (path: string) => Answer,
  fallback: (path: string) => Answer = () => ({ status: 404 }),
) {
  const serve = async (say: (path: string) => Answer) => {
    const target = await startHttpTarget((request, response) => {
      const { status = 200, body = {}, headers = {} } = say(request.url ?? "");
      response.writeHead(status, { "content-type": "application/rdap+json", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    stops.push(() => target.stop());
    return target;
  };
  const [own, other] = [await serve(answer), await serve(fallback)];
  const clock = new VirtualClock({ startMs: NOW });
  const see = createSeeDomain({ servers: { [`${own.url}/rdap/`]: ["test"] }, fallback: other.url });
  const check = (url: string, domain: object = {}, assert: object[] = []) => {
    const request = requestFor({ url, domain, assert }, { egress, clock });
    const { check: its } = request.endpoint;
    if (its?.$case !== "domain") throw new Error("no domain check");
    return resultOf(request, () => see(its.value, request));
  };
  return { own, other, clock, check };
}

describe("when a domain expires", () => {
  test.each([
    ["2027-06-01", "HEALTHY"],
    ["2026-06-15", "HEALTHY"],
    ["2026-06-14", "DEGRADED domain_expires_soon"],
    ["2026-06-03", "DOWN domain_expires_soon"],
    ["2026-05-31", "DOWN domain_expired"],
  ])("on %s: %s", async (day, verdict) => {
    const { own, check } = await registries(() => ({ body: expiring(day) }));
    expect(inShort(await check("domain://WWW.Shop.test"))).toBe(verdict);
    expect(own.requests.map(({ url }) => url)).toEqual(["/rdap/domain/shop.test"]);
  });

  test("the thresholds are the monitor's own, and assertions see days and status", async () => {
    const { check } = await registries(() => ({ body: expiring("2026-07-01") }));
    const assert = [
      { subject: "value", is: 30 },
      { subject: "value", of: "status", contains: "active" },
    ];
    expect(inShort(await check("domain://shop.test", {}, assert))).toBe("HEALTHY");
    const result = await check("domain://shop.test", { warnDays: 60, failDays: 31 });
    expect(inShort(result)).toBe("DOWN domain_expires_soon");
    expect(renderReason("en", result.reason, result.evidence?.params)).toBe(
      "The domain shop.test expires on 2026-07-01, in less than 31 days.",
    );
  });

  test.each(["client hold", "server hold", "redemption period", "pending delete"])(
    "%s takes it down",
    async (status) => {
      const { check } = await registries(() => ({ body: expiring("2027-06-01", ["active", status]) }));
      const result = await check("domain://shop.test");
      expect(inShort(result)).toBe("DOWN domain_withdrawn");
      expect(result.evidence?.params).toEqual({ domain: "shop.test", status });
    },
  );
});

describe("who is asked", () => {
  test("the fallback for other endings, by its redirect to their registry", async () => {
    const { own, check } = await registries(
      () => ({ body: expiring("2027-06-01") }),
      (path) => ({ status: 302, headers: { location: `${own.url}${path}` } }),
    );
    expect(inShort(await check("domain://bücher.example"))).toBe("HEALTHY");
    expect(own.requests.map(({ url }) => url)).toEqual(["/domain/xn--bcher-kva.example"]);
  });

  test("a domain is not registered when its registry and the fallback's both say so", async () => {
    const gone = await registries(() => ({ status: 404 }));
    expect(inShort(await gone.check("domain://gone.test"))).toBe("DOWN domain_not_registered");
    const moved = await registries(
      () => ({ status: 404 }),
      () => ({ body: expiring("2027-06-01") }),
    );
    expect(inShort(await moved.check("domain://moved.test"))).toBe("HEALTHY");
    const none = await registries(() => ({ status: 404 }));
    expect(inShort(await none.check("domain://shop.example"))).toBe("UNKNOWN rdap_unsupported");
  });
});

describe("a registry that does not tell blames nobody", () => {
  test.each<readonly [string, Answer, string]>([
    ["no expiration", { body: { ...expiring("2027-06-01"), events: [] } }, "domain_no_expiry"],
    ["an expiration that is no date", { body: expiring("soon") }, "domain_no_expiry"],
    ["too many questions", { status: 429 }, "rdap_limited"],
    ["its own failure", { status: 503 }, "rdap_failed"],
    ["something else than RDAP", { body: "<html>" }, "rdap_failed"],
    ["JSON about something else", { body: { objectClassName: "entity" } }, "rdap_failed"],
  ])("%s", async (_what, answer, reason) => {
    const { check } = await registries(() => answer);
    expect(inShort(await check("domain://shop.test"))).toBe(`UNKNOWN ${reason}`);
  });

  test("nor one that is not there", async () => {
    const { own, check } = await registries(() => ({}));
    await own.stop();
    stops.splice(stops.length - 2, 1);
    const result = await check("domain://shop.test");
    expect(inShort(result)).toBe("UNKNOWN rdap_failed");
    expect(result.evidence?.params).toMatchObject({ detail: "connect_refused" });
  });
});

describe("how often is asked", () => {
  test("once a day, by however many monitors at once, and days go on being counted", async () => {
    const { own, clock, check } = await registries(() => ({ body: expiring("2026-06-15") }));
    const both = await Promise.all([check("domain://shop.test"), check("domain://www.shop.test")]);
    expect(both.map(inShort)).toEqual(["HEALTHY", "HEALTHY"]);
    await clock.advance(DAY_MS - 1);
    const later = await check("domain://shop.test");
    expect([inShort(later), later.durationMs]).toEqual(["DEGRADED domain_expires_soon", 0]);
    expect(own.requests).toHaveLength(1);
    await clock.advance(1);
    await check("domain://shop.test");
    expect(own.requests).toHaveLength(2);
  });

  test("after a failure once an hour, or when the registry says; what it said last is believed for a week", async () => {
    let answer: Answer = { body: expiring("2027-06-01") };
    const { own, clock, check } = await registries(() => answer);
    await check("domain://shop.test");
    answer = { status: 429, headers: { "retry-after": "7200" } };
    await clock.advance(DAY_MS);
    expect(inShort(await check("domain://shop.test"))).toBe("HEALTHY");
    await clock.advance(7_199_999);
    await check("domain://shop.test");
    expect(own.requests).toHaveLength(2);
    answer = { status: 500 };
    await clock.advance(1);
    await check("domain://shop.test");
    await clock.advance(3_600_000);
    await check("domain://shop.test");
    expect(own.requests).toHaveLength(4);
    await clock.advance(6 * DAY_MS);
    expect(inShort(await check("domain://shop.test"))).toBe("UNKNOWN rdap_failed");
  });
});
