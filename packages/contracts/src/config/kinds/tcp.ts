import { z } from "zod";
import { starttls, starttlsView, step, stepToWire, stepView, tls, tlsToWire, tlsView } from "./common.ts";
import { defineKind } from "./kind.ts";

export const tcp = defineKind({
  name: "tcp",
  schemes: ["tcp"],
  example: "tcp://mail.example.com:25",
  needsPort: true,
  subjects: ["answer", "certificate_days"],
  options: z.strictObject({ tls: tls.nullish(), starttls, steps: z.array(step).max(20).default([]) }),
  toWire: (options) => ({
    tls: tlsToWire(options.tls),
    starttls: options.starttls ?? "",
    steps: options.steps.map(stepToWire),
  }),
  view: (value) => ({
    tls: tlsView(value.tls),
    starttls: starttlsView(value.starttls),
    steps: value.steps.map(stepView),
  }),
  wrap: (value) => ({ $case: "tcp", value }),
  unwrap: (check) => (check.$case === "tcp" ? check.value : undefined),
});
