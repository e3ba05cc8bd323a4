export * from "./nats.ts";
export * from "./seeded-random.ts";
export * from "./virtual-clock.ts";
