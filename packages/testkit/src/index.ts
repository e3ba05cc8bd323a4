export * from "./nats.ts";
export * from "./postgres.ts";
export * from "./seeded-random.ts";
export * from "./targets/index.ts";
export * from "./virtual-clock.ts";
