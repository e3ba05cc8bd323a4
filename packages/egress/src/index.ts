export { isCidr } from "./address-policy.ts";
export * from "./create-egress.ts";
export * from "./egress.ts";
export * from "./egress-error.ts";
export { startLoopbackPage } from "./loopback-page.ts";
export { type LoopbackProxy, startLoopbackProxy } from "./loopback-proxy.ts";
export { createResolve, type Resolve } from "./resolve.ts";
