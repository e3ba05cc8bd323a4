export * from "./errors/index.ts";
export * from "./generated/sentinel/checks/v1/checks.ts";
export * from "./generated/sentinel/incidents/v1/events.ts";
export * from "./generated/sentinel/incidents/v1/service.ts";
export * from "./generated/sentinel/monitors/v1/monitors.ts";
export * from "./generated/sentinel/repairs/v1/commands.ts";
export * from "./ids.ts";
export * from "./sentinel-api.ts";
export * from "./subjects.ts";
/** For encoders that write many messages: `X.encode(message, writer).finish()` keeps the writer's buffer. */
export { BinaryWriter } from "@bufbuild/protobuf/wire";
