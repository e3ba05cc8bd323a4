export * from "./bus.ts";
export { fingerprintOf, packFingerprints, unpackFingerprints } from "./fingerprint.ts";
export * from "./streams.ts";
export * from "./probers.ts";
