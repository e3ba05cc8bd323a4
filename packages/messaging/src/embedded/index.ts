export * from "./embedded-bus.ts";
