export * from "./nats.ts";
export * from "./postgres.ts";
export * from "./seeded-random.ts";
export type { HttpSink, Posted } from "./sinks/http-sink.ts";
export * from "./sinks/mail-sink.ts";
export * from "./sinks/slack-sink.ts";
export * from "./sinks/webhook-sink.ts";
export * from "./targets/index.ts";
export * from "./virtual-clock.ts";
