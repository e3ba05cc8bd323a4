export { METRICS } from "./metrics.ts";
export * from "./probe-target.ts";
export { probeTimeoutMs } from "./probe-timeout.ts";
