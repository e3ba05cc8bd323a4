export type { Environment } from "./channel-schema.ts";
export { writeDuration } from "./duration.ts";
export * from "./json-schema.ts";
export { monitorInput, type ParsedMonitor, parseMonitorInput, specView } from "./monitor-schema.ts";
export * from "./parse-config.ts";
export { nearest } from "./problem.ts";
export { problemsOf } from "./problem.ts";
export { fillSecrets } from "./secret-reference.ts";
export * from "./types.ts";
