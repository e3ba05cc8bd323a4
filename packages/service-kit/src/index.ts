export * from "./clock.ts";
export * from "./failpoint.ts";
export * from "./log.ts";
export * from "./metrics.ts";
export * from "./service.ts";
export * from "./telemetry.ts";
