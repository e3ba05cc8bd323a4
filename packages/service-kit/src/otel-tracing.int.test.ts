import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createServiceKit } from "./create-kit.ts";
import { createOtelTracing } from "./otel-tracing.ts";
import { parseTraceparent } from "./traceparent.ts";

interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly links?: readonly { readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string }[];
}

interface OtlpBody {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[] }[];
}

const received: ReceivedSpan[] = [];
let server: Server;
let endpoint = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      expect(request.url).toBe("/v1/traces");
      const body: OtlpBody = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      received.push(...body.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans)));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver has no port");
  endpoint = `http://127.0.0.1:${address.port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function named(name: string): ReceivedSpan {
  const span = received.find((candidate) => candidate.name === name);
  if (span === undefined) throw new Error(`the receiver saw no span ${name}`);
  return span;
}

test("a receiver sees one trace across two services joined by a traceparent", async () => {
  const prober = await createOtelTracing({ service: "prober", endpoint });
  const incidents = await createOtelTracing({ service: "incidents", endpoint: `${endpoint}/` });
  const probe = prober.start("probe", { kind: "producer", attributes: { "sentinel.monitor": "shop" } });
  const fold = incidents.start("fold", {
    parent: probe.traceparent,
    kind: "consumer",
    links: [probe.traceparent, "?"],
  });
  fold.fail(new TypeError("broken"));
  fold.end();
  probe.end();
  await prober.stop();
  await incidents.stop();

  expect(named("fold").traceId).toBe(named("probe").traceId);
  expect(named("fold").parentSpanId).toBe(named("probe").spanId);
  expect(named("fold").links?.map((link) => link.spanId)).toEqual([named("probe").spanId]);
  expect(named("fold").status).toMatchObject({ code: 2, message: "internal" });
  expect(named("probe").attributes.map(({ key }) => key)).toContain("sentinel.monitor");
  expect(parseTraceparent(probe.traceparent)).toMatchObject({ traceId: named("probe").traceId, flags: 1 });
});

test("the kit loads tracing when an endpoint is set, and stop exports what is pending", async () => {
  const { tracing } = createServiceKit({ service: "gateway", env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  const started = async (): Promise<void> => {
    for (;;) {
      const span = tracing.start("request", { kind: "server" });
      span.end();
      if (span.traceparent !== "") return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await started();
  await tracing.stop();
  expect(named("request").kind).toBe(2);
});

test("a receiver that is gone does not keep a service from stopping", async () => {
  const tracing = await createOtelTracing({ service: "prober", endpoint: "http://127.0.0.1:1" });
  tracing.start("lost", {}).end();
  await expect(tracing.stop()).resolves.toBeUndefined();
});
