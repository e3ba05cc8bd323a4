export * from "./chain.ts";
export * from "./store.ts";
export * from "./transactions.ts";
export * from "./verify-log.ts";
export * from "./export-log.ts";
export * from "./import-log.ts";
