import { z } from "zod";
import { secretReference } from "../secret-reference.ts";
import { tls, tlsToWire, tlsView } from "./common.ts";
import { defineKind } from "./kind.ts";

/** Connect, round trip and, where asked for, the account's JetStream. */
export const nats = defineKind({
  name: "nats",
  schemes: ["nats"],
  example: "nats://bus.example.com:4222",
  needsPort: false,
  subjects: ["value"],
  options: z.strictObject({
    user: z.string().min(1).max(200).nullish(),
    password: secretReference.nullish(),
    token: secretReference.nullish(),
    tls: tls.nullish(),
    jetstream: z.boolean().default(false),
  }),
  toWire: (options) => ({
    user: options.user ?? "",
    password: options.password ?? "",
    token: options.token ?? "",
    tls: tlsToWire(options.tls),
    jetstream: options.jetstream,
  }),
  view: (value) => ({
    user: value.user || null,
    password: value.password || null,
    token: value.token || null,
    tls: tlsView(value.tls),
    jetstream: value.jetstream,
  }),
  wrap: (value) => ({ $case: "nats", value }),
  unwrap: (check) => (check.$case === "nats" ? check.value : undefined),
});
