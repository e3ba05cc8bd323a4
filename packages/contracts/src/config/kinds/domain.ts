import { z } from "zod";
import { days, daysInOrder } from "./common.ts";
import { defineKind } from "./kind.ts";

/** Whether a domain name is about to expire, as its registry says by RDAP. */
export const domain = defineKind({
  name: "domain",
  schemes: ["domain"],
  example: "domain://example.com",
  needsPort: false,
  addressFits: (url) => /\.[^.\d][^.]*\.?$/.test(url.hostname) && (url.pathname === "" || url.pathname === "/"),
  subjects: ["value"],
  options: z.strictObject(days).superRefine(daysInOrder),
  toWire: (options) => options,
  view: ({ warnDays, failDays }) => ({ warnDays, failDays }),
  wrap: (value) => ({ $case: "domain", value }),
  unwrap: (check) => (check.$case === "domain" ? check.value : undefined),
});
