import {
  type Context,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { SentinelError } from "@sentinel/contracts";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeSDK } from "@opentelemetry/sdk-node";
import type { Span, Tracing } from "./telemetry.ts";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";

const KINDS = {
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
} as const;

export interface OtelOptions {
  readonly service: string;
  /** Base address of an OTLP/HTTP receiver, such as http://127.0.0.1:4318. */
  readonly endpoint: string;
}

/** Short, because the last export stands between a service and its end. */
const EXPORT_TIMEOUT_MS = 1500;

/** The SDK registers itself in globals, so a process has one, shared by the services in it. */
let shared: { readonly sdk: NodeSDK; users: number } | undefined;

/** Real spans, exported in batches over OTLP/HTTP. A service's name is the name of its tracer. */
export function createOtelTracing({ service, endpoint }: OtelOptions): Promise<Tracing> {
  shared ??= { sdk: startSdk(service, endpoint), users: 0 };
  shared.users += 1;
  const tracer = trace.getTracer(service);
  let stopped = false;
  return Promise.resolve({
    start: (name, options) => startSpan(tracer, name, options),
    stop: async () => {
      if (stopped || shared === undefined) return;
      stopped = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      const { sdk } = shared;
      shared = undefined;
      // A receiver that is gone must not keep a service from stopping.
      await sdk.shutdown().catch(() => undefined);
      trace.disable();
    },
  });
}

function startSdk(service: string, endpoint: string): NodeSDK {
  const sdk = new NodeSDK({
    serviceName: service,
    traceExporter: new OTLPTraceExporter({
      url: `${endpoint.replace(/\/+$/, "")}/v1/traces`,
      timeoutMillis: EXPORT_TIMEOUT_MS,
    }),
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  return sdk;
}

function startSpan(tracer: Tracer, name: string, options: Parameters<Tracing["start"]>[1]): Span {
  const links = (options.links ?? []).flatMap((link) => {
    const context = toSpanContext(link);
    return context === undefined ? [] : [{ context }];
  });
  const kind = KINDS[options.kind ?? "internal"];
  const attributes = { ...options.attributes };
  return wrap(tracer.startSpan(name, { kind, links, attributes }, parentContext(options.parent ?? "")));
}

function parentContext(parent: string): Context {
  const context = toSpanContext(parent);
  return context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
}

function toSpanContext(traceparent: string): SpanContext | undefined {
  const ids = parseTraceparent(traceparent);
  return ids && { traceId: ids.traceId, spanId: ids.spanId, traceFlags: ids.flags, isRemote: true };
}

function wrap(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: formatTraceparent({ traceId, spanId, flags: traceFlags }),
    set: (attributes) => void span.setAttributes({ ...attributes }),
    fail: (thrown) => {
      const { code } = SentinelError.from(thrown);
      if (thrown instanceof Error) span.recordException(thrown);
      span.setAttribute("error.type", code);
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    },
    end: () => span.end(),
  };
}
