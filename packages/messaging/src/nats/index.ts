export * from "./nats-bus.ts";
