import { describe, expect, test } from "@jest/globals";
import { Endpoint, EndpointResult, MonitorSpec, Verdict } from "@sentinel/contracts";
import * as fc from "fast-check";
import { honest, judgeStatusAndBody, judgeTime, verdictOf, verdictOfFailure } from "./verdict.ts";

const { HEALTHY, DEGRADED, DOWN, UNKNOWN } = Verdict;

const result = (verdict: Verdict, reason: string): EndpointResult => ({
  ...EndpointResult.fromPartial({ url: "http://a.test/" }),
  verdict,
  reason,
});
const well = result(HEALTHY, "");
const slow = result(DEGRADED, "slow");
const refused = result(DOWN, "connect_refused");

describe("a round", () => {
  test("is well when all endpoints are, down when all are down, else degraded", () => {
    expect(verdictOf([well, well])).toEqual({ verdict: HEALTHY, reason: "" });
    expect(verdictOf([refused, refused])).toEqual({ verdict: DOWN, reason: "connect_refused" });
    expect(verdictOf([well, refused])).toEqual({ verdict: DEGRADED, reason: "connect_refused" });
    expect(verdictOf([slow, slow])).toEqual({ verdict: DEGRADED, reason: "slow" });
  });

  test("that one endpoint leaves open hides nothing that was seen of the others, and is no failure of its own", () => {
    const untold = result(UNKNOWN, "secret_missing");
    expect(verdictOf([untold, well])).toEqual({ verdict: UNKNOWN, reason: "secret_missing" });
    expect(verdictOf([untold, refused])).toEqual({ verdict: DEGRADED, reason: "connect_refused" });
  });

  test("names the worst reason, wherever it stands", () => {
    expect(verdictOf([slow, refused, well]).reason).toBe("connect_refused");
    expect(verdictOf([refused, slow]).reason).toBe("connect_refused");
  });

  test("never gets better by another endpoint that fails", () => {
    const rank: readonly Verdict[] = [HEALTHY, DEGRADED, DOWN];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(well, slow, refused), { minLength: 1 }), fc.nat(), (endpoints, at) => {
        const index = at % endpoints.length;
        const worse = endpoints.with(index, refused);
        expect(rank.indexOf(verdictOf(worse).verdict)).toBeGreaterThanOrEqual(
          rank.indexOf(verdictOf(endpoints).verdict),
        );
      }),
    );
  });
});

describe("an answer", () => {
  const endpoint = (change: Partial<MonitorSpec["endpoints"][number]> = {}): MonitorSpec["endpoints"][number] => {
    const [first] = MonitorSpec.fromPartial({ endpoints: [{ url: "http://a.test/", ...change }] }).endpoints;
    if (first === undefined) throw new Error("no endpoint");
    return first;
  };
  const answer = (status: number, durationMs = 10, body = "") => ({ status, durationMs, body });
  const judgeAnswer = (on: MonitorSpec["endpoints"][number], limitMs: number, given: ReturnType<typeof answer>) =>
    judgeTime(
      on,
      limitMs,
      given.durationMs,
      judgeStatusAndBody(on, given.status, () => given.body),
    );

  test("is well with any 2xx unless the endpoint says which", () => {
    for (const status of [200, 204, 299]) expect(judgeAnswer(endpoint(), 0, answer(status)).verdict).toBe(HEALTHY);
    for (const status of [199, 301, 404, 500]) {
      expect(judgeAnswer(endpoint(), 0, answer(status))).toEqual({
        verdict: DOWN,
        reason: "status",
        params: { expected: "2xx", actual: String(status) },
      });
    }
    const picky = endpoint({ expectStatus: [301, 401] });
    expect(judgeAnswer(picky, 0, answer(401)).verdict).toBe(HEALTHY);
    expect(judgeAnswer(picky, 0, answer(200)).params).toEqual({ expected: "301, 401", actual: "200" });
  });

  test("must contain what it should", () => {
    const looking = endpoint({ expectBodyContains: "Welcome" });
    expect(judgeAnswer(looking, 0, answer(200, 10, "<h1>Welcome</h1>")).verdict).toBe(HEALTHY);
    expect(judgeAnswer(looking, 0, answer(200, 10, "oops"))).toEqual({
      verdict: DOWN,
      reason: "body_mismatch",
      params: { expected: "Welcome" },
    });
  });

  test("is degraded beyond the limit, the endpoint's own before the monitor's; the limit itself is in time", () => {
    expect(judgeAnswer(endpoint(), 100, answer(200, 100)).verdict).toBe(HEALTHY);
    expect(judgeAnswer(endpoint(), 100, answer(200, 100.6))).toEqual({
      verdict: DEGRADED,
      reason: "slow",
      params: { limitMs: "100", latencyMs: "101" },
    });
    expect(judgeAnswer(endpoint({ maxLatencyMs: 50 }), 100, answer(200, 60)).params).toMatchObject({ limitMs: "50" });
    expect(judgeAnswer(endpoint({ maxLatencyMs: 500 }), 100, answer(200, 200)).verdict).toBe(HEALTHY);
    expect(judgeAnswer(endpoint(), 0, answer(200, 99_999)).verdict).toBe(HEALTHY);
  });

  test("is judged by status first, then content, then time", () => {
    const all = endpoint({ expectBodyContains: "x", maxLatencyMs: 1 });
    expect(judgeAnswer(all, 0, answer(500, 99, "")).reason).toBe("status");
    expect(judgeAnswer(all, 0, answer(200, 99, "")).reason).toBe("body_mismatch");
    expect(judgeAnswer(all, 0, answer(200, 99, "x")).reason).toBe("slow");
  });
});

describe("a prober that was itself too slow", () => {
  const fit = { latenessMs: 0, loopDelayP99Ms: 0 };

  test.each([{ latenessMs: 1000 }, { loopDelayP99Ms: 200 }])(
    "with %j does not know of anything that is about time",
    (unfit) => {
      for (const reason of ["slow", "timeout_in_connect", "timeout_in_first_byte", "timeout_in_transfer"]) {
        expect(honest({ verdict: DOWN, reason }, { ...fit, ...unfit })).toEqual({
          verdict: UNKNOWN,
          reason: "prober_overloaded",
        });
      }
      for (const round of [
        { verdict: DOWN, reason: "connect_refused" },
        { verdict: HEALTHY, reason: "" },
      ]) {
        expect(honest(round, { ...fit, ...unfit })).toEqual(round);
      }
    },
  );

  test("is believed while it is quick enough", () => {
    const round = { verdict: DOWN, reason: "timeout_in_connect" };
    expect(honest(round, { latenessMs: 999, loopDelayP99Ms: 199 })).toEqual(round);
  });
});

describe("a round that takes longer than usual", () => {
  const endpoint = Endpoint.fromPartial({ url: "http://shop.test/" });
  const usual = { p95Ms: 500, limitMs: 1500 };
  const judge = (durationMs: number, slowAfterMs = 5000, on = endpoint) =>
    judgeTime(on, slowAfterMs, durationMs, undefined, usual);

  test("is degraded, with what is usual", () => {
    expect(judge(1500)).toMatchObject({ verdict: HEALTHY });
    expect(judge(1501)).toEqual({
      verdict: DEGRADED,
      reason: "slower_than_usual",
      params: { limitMs: "1500", latencyMs: "1501", usualMs: "500" },
    });
    expect(judge(1501, 0)).toMatchObject({ reason: "slower_than_usual" });
  });

  test("is slow where it takes longer than the limit as well, and nothing where nothing is known or the endpoint sets a limit", () => {
    expect(judge(6000)).toMatchObject({ reason: "slow" });
    expect(judgeTime(endpoint, 5000, 4000)).toMatchObject({ verdict: HEALTHY });
    expect(judge(4000, 5000, { ...endpoint, maxLatencyMs: 8000 })).toMatchObject({ verdict: HEALTHY });
  });
});

test("what our own rules forbid says nothing of the target, while any other failure is down", () => {
  for (const reason of ["address_forbidden", "address_metadata"])
    expect(verdictOfFailure(reason)).toBe(Verdict.UNKNOWN);
  for (const reason of ["connect_refused", "dns_nxdomain", "bad_url"])
    expect(verdictOfFailure(reason)).toBe(Verdict.DOWN);
});
