import { z } from "zod";
import { headers, step, stepToWire, stepView, tls, tlsToWire, tlsView } from "./common.ts";
import { defineKind } from "./kind.ts";

export const webSocket = defineKind({
  name: "webSocket",
  schemes: ["ws", "wss"],
  example: "wss://chat.example.com/socket",
  needsPort: false,
  subjects: ["status", "header", "answer", "certificate_days"],
  options: z.strictObject({
    headers,
    subprotocols: z
      .array(z.string().regex(/^[\w.+-]+$/))
      .max(10)
      .default([]),
    step: step.nullish(),
    tls: tls.nullish(),
  }),
  toWire: (options) => ({
    headers: options.headers,
    subprotocols: options.subprotocols,
    step: options.step === null || options.step === undefined ? undefined : stepToWire(options.step),
    tls: tlsToWire(options.tls),
  }),
  view: (value) => ({
    headers: value.headers,
    subprotocols: value.subprotocols,
    step: value.step === undefined ? null : stepView(value.step),
    tls: tlsView(value.tls),
  }),
  wrap: (value) => ({ $case: "webSocket", value }),
  unwrap: (check) => (check.$case === "webSocket" ? check.value : undefined),
});
