import { z } from "zod";
import { defineKind } from "./kind.ts";

/** An instant query; its value is what assertions look at. Headers and authentication stand beside the address. */
export const prometheus = defineKind({
  name: "prometheus",
  schemes: ["prometheus+http", "prometheus+https"],
  example: "prometheus+http://prometheus.example.com:9090",
  needsPort: false,
  uses: ["headers", "http"],
  subjects: ["value", "rows"],
  options: z.strictObject({ query: z.string().trim().min(1).max(10_000) }),
  toWire: ({ query }) => ({ query }),
  view: ({ query }) => ({ query }),
  wrap: (value) => ({ $case: "prometheus", value }),
  unwrap: (check) => (check.$case === "prometheus" ? check.value : undefined),
});
