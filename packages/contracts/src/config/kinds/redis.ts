import { z } from "zod";
import { secretReference } from "../secret-reference.ts";
import { tls, tlsToWire, tlsView } from "./common.ts";
import { defineKind } from "./kind.ts";

/** PING, and fields of INFO where an assertion asks for one. */
export const redis = defineKind({
  name: "redis",
  schemes: ["redis", "rediss"],
  example: "redis://cache.example.com:6379",
  needsPort: false,
  subjects: ["value"],
  options: z.strictObject({
    user: z.string().min(1).max(200).nullish(),
    password: secretReference.nullish(),
    tls: tls.nullish(),
  }),
  toWire: (options) => ({
    user: options.user ?? "",
    password: options.password ?? "",
    tls: tlsToWire(options.tls),
  }),
  view: (value) => ({ user: value.user || null, password: value.password || null, tls: tlsView(value.tls) }),
  wrap: (value) => ({ $case: "redis", value }),
  unwrap: (check) => (check.$case === "redis" ? check.value : undefined),
});
