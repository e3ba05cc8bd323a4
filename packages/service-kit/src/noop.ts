import type { Failpoint } from "./failpoint.ts";
import type { Log } from "./log.ts";
import type { Span, Tracing } from "./telemetry.ts";

const nothing = (): void => undefined;

/** Says nothing. */
export const silentLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLog,
};

const offSpan: Span = { traceparent: "", set: nothing, fail: nothing, end: nothing };

/** Traces nothing; a trace begun by a caller is handed on, so that the parts that do trace stay joined. */
export const offTracing: Tracing = {
  start: (_name, { parent = "" }) => (parent === "" ? offSpan : { ...offSpan, traceparent: parent }),
  stop: () => Promise.resolve(),
};

/** Never fires. */
export const noFailpoint: Failpoint = nothing;
