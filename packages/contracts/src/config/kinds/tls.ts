import { z } from "zod";
import { days, daysInOrder, starttls, starttlsView, tls as tlsOptions, tlsToWire, tlsView } from "./common.ts";
import { defineKind } from "./kind.ts";

/** What secures an address: how long its certificates last, and which protocol and cipher are agreed on. */
export const tls = defineKind({
  name: "tls",
  schemes: ["tls"],
  example: "tls://example.com:443",
  needsPort: true,
  subjects: ["certificate_days", "version"],
  options: z
    .strictObject({
      tls: tlsOptions.nullish(),
      starttls,
      ...days,
      ciphers: z.array(z.string().min(1).max(80)).max(50).default([]),
    })
    .superRefine(daysInOrder),
  toWire: (options) => ({
    tls: tlsToWire(options.tls),
    starttls: options.starttls ?? "",
    warnDays: options.warnDays,
    failDays: options.failDays,
    ciphers: options.ciphers,
  }),
  view: (value) => ({
    tls: tlsView(value.tls),
    starttls: starttlsView(value.starttls),
    warnDays: value.warnDays,
    failDays: value.failDays,
    ciphers: value.ciphers,
  }),
  wrap: (value) => ({ $case: "tls", value }),
  unwrap: (check) => (check.$case === "tls" ? check.value : undefined),
});
