/** A span in progress. */
export interface Span {
  /** W3C trace context to hand on; empty when tracing is off. */
  readonly traceparent: string;
  set(attributes: Readonly<Record<string, string | number | boolean>>): void;
  fail(error: unknown): void;
  end(): void;
}

/** Traces from probe to notification; off, and free, unless an OTLP endpoint is set. */
export interface Tracing {
  /** `parent` is a W3C traceparent, or empty to begin a trace; `links` relate a batch to its messages. */
  start(
    name: string,
    options: {
      readonly parent?: string;
      readonly kind?: "internal" | "producer" | "consumer" | "client" | "server";
      readonly links?: readonly string[];
      readonly attributes?: Readonly<Record<string, string | number | boolean>>;
    },
  ): Span;
  /** Exports what is pending. */
  stop(): Promise<void>;
}
