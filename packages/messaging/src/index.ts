export * from "./bus.ts";
export * from "./streams.ts";
