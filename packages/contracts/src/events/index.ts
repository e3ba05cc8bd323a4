export * from "./decode-event.ts";
export * from "./event-types.ts";
export * from "./upcast.ts";
