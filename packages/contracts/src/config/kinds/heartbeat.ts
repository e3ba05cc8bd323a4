import { z } from "zod";
import { duration } from "../duration-field.ts";
import { writeDuration } from "../duration.ts";
import { defineKind } from "./kind.ts";

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const LONGEST_MS = 40 * DAY_MS;

const options = z.strictObject({
  every: duration(10 * SECOND_MS, LONGEST_MS).default(DAY_MS),
  grace: duration(SECOND_MS, LONGEST_MS).default(5 * 60 * SECOND_MS),
  tokenHash: z
    .string()
    .regex(/^[\da-f]{64}$/)
    .nullish(),
});

/** Nothing is asked: a job says that it ran, and its silence is what fails. The host is a name for people. */
export const heartbeat = defineKind({
  name: "heartbeat",
  schemes: ["heartbeat"],
  example: "heartbeat://nightly-backup",
  needsPort: false,
  addressFits: (url) => (url.pathname === "" || url.pathname === "/") && url.search === "" && url.port === "",
  subjects: ["value"],
  options,
  toWire: ({ every, grace, tokenHash }) => ({
    tokenHash: tokenHash ?? "",
    everyMs: every,
    graceMs: grace,
    schedule: "",
    zone: "",
  }),
  view: ({ tokenHash, everyMs, graceMs }) => ({
    every: writeDuration(everyMs),
    grace: writeDuration(graceMs),
    tokenHash: tokenHash || null,
  }),
  wrap: (value) => ({ $case: "heartbeat", value }),
  unwrap: (check) => (check.$case === "heartbeat" ? check.value : undefined),
});
