import { z } from "zod";
import { ipFamily, ipFamilyView } from "./common.ts";
import { defineKind } from "./kind.ts";

export const icmp = defineKind({
  name: "icmp",
  schemes: ["icmp", "ping"],
  example: "icmp://gateway.example.com",
  needsPort: false,
  subjects: ["value"],
  options: z.strictObject({
    count: z.int().min(1).max(10).default(1),
    sizeBytes: z.int().min(0).max(1400).default(56),
    ipFamily,
  }),
  toWire: (options) => ({
    count: options.count,
    sizeBytes: options.sizeBytes,
    ipFamily: options.ipFamily ?? 0,
  }),
  view: (value) => ({
    count: value.count,
    sizeBytes: value.sizeBytes,
    ipFamily: ipFamilyView(value.ipFamily),
  }),
  wrap: (value) => ({ $case: "icmp", value }),
  unwrap: (check) => (check.$case === "icmp" ? check.value : undefined),
});
