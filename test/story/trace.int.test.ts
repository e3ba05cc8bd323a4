import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "@jest/globals";
import { until } from "../harness/sentinel.ts";
import { startRealStage } from "./real-stage.ts";
import { tellOutage } from "./tell-outage.ts";

interface Span {
  readonly name: string;
  readonly traceId: string;
}

interface OtlpBody {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
}, 60_000);

/** A receiver of OTLP over HTTP that keeps the spans. */
async function startReceiver(): Promise<{ readonly endpoint: string; readonly spans: readonly Span[] }> {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { resourceSpans }: OtlpBody = JSON.parse(body);
      spans.push(...resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans)));
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { endpoint: `http://127.0.0.1:${port}`, spans };
}

test("one trace leads from the probe over the fold and the repair to the message", async () => {
  const receiver = await startReceiver();
  const stage = await startRealStage({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_BSP_SCHEDULE_DELAY: "200" },
  });
  stops.push(() => stage.stop());
  await tellOutage(stage);
  const steps = ["prober.check", "incidents.decide", "incidents.commit", "incidents.repair", "incidents.notify"];
  const whole = await until(
    "a trace with every step",
    () => {
      const names = new Map<string, Set<string>>();
      for (const { traceId, name } of receiver.spans) names.set(traceId, (names.get(traceId) ?? new Set()).add(name));
      return [...names.values()].find((found) => steps.every((step) => found.has(step)));
    },
    20_000,
  );
  expect([...whole]).toEqual(expect.arrayContaining(steps));
}, 120_000);
