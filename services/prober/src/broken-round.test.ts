import { expect, test } from "@jest/globals";
import { Endpoint, type Monitor, type MonitorSpec, Verdict } from "@sentinel/contracts";
import { createEgress, type Egress } from "@sentinel/egress";
import { createMetrics, noFailpoint, offTracing, type ServiceKit, silentLog } from "@sentinel/service-kit";
import { seededRandom, VirtualClock } from "@sentinel/testkit";
import { orBroken } from "./broken-round.ts";
import { probe } from "./probes/index.ts";
import { runRound } from "./rounds.ts";
import { monitor } from "./test-world.ts";

const clock = new VirtualClock();
const kit: ServiceKit = {
  clock,
  random: seededRandom(1),
  log: silentLog,
  metrics: createMetrics(),
  tracing: offTracing,
  failpoint: noFailpoint,
};

/** A way out with a programming error in it, which no kind of check expects. */
const broken: Egress = {
  ...createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock }),
  request: () => {
    throw new TypeError("x is not a function");
  },
};

const specOf = (of: Monitor): MonitorSpec => {
  if (of.spec === undefined) throw new Error("no spec");
  return of.spec;
};
const shop = monitor("mon_a", "http://a.test/");
const spec = specOf(shop);

const endpoint = (part: Partial<Endpoint>): Endpoint => ({
  ...Endpoint.fromPartial({ url: "http://a.test/" }),
  ...part,
});

test("a kind that throws what it should not gives unknown with the error and its line", async () => {
  const result = await probe({
    endpoint: endpoint({ method: "GET" }),
    spec,
    deps: { egress: broken, clock, secret: () => undefined },
    signal: new AbortController().signal,
  });
  expect(result).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "check_broke" });
  expect(result.evidence?.params["error"]).toMatch(/^TypeError: x is not a function/);
  expect(result.evidence?.params["at"]).toMatch(/^broken-round\.test\.ts:\d+$/);
});

test("an endpoint that broke hides nothing of what was seen of another", async () => {
  const several: MonitorSpec = { ...spec, endpoints: [endpoint({}), endpoint({ url: "http://b.test/" })] };
  const request = { monitor: { ...shop, spec: several }, spec: several, slotMs: clock.now(), onDemand: false };
  const deps = {
    api: {},
    kit,
    egress: broken,
    secret: () => undefined,
    region: "eu",
    name: "p1",
    loopDelayP99Ms: () => 0,
  };
  const result = await runRound(deps, { ...request, traceparent: "", requestId: "" }, new AbortController().signal);
  expect(result).toMatchObject({ verdict: Verdict.UNKNOWN, reason: "check_broke", region: "eu", prober: "p1" });
  expect(result.endpoints).toHaveLength(2);
});

test("a round that throws beside its kinds is a result as well, unless stopping threw it", async () => {
  const shared = { monitor: shop, spec, slotMs: 7, onDemand: false, traceparent: "", requestId: "r" };
  const stopping = new AbortController();
  const deps = { kit, region: "eu", name: "p1" };
  const broke = () => Promise.reject(new RangeError("too far"));
  expect(await orBroken(deps, shared, stopping.signal, broke)).toMatchObject({
    monitorId: "mon_a",
    slotMs: 7,
    verdict: Verdict.UNKNOWN,
    reason: "check_broke",
    requestId: "r",
    endpoints: [{ url: "http://a.test/", evidence: { params: { error: "RangeError: too far" } } }],
  });
  stopping.abort();
  await expect(orBroken(deps, shared, stopping.signal, broke)).rejects.toThrow("too far");
});
