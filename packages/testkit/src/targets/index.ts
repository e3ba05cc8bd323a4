export * from "./certificate.ts";
export * from "./dns-target.ts";
export * from "./http-target.ts";
export type { Target } from "./listen.ts";
export * from "./raw-target.ts";
export * from "./tls-target.ts";
export * from "./memory-network.ts";
