import { z } from "zod";
import { compileSchedule } from "../cron.ts";
import { duration } from "../duration-field.ts";
import { writeDuration } from "../duration.ts";
import { issue } from "../problem.ts";
import { defineKind } from "./kind.ts";

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const LONGEST_MS = 40 * DAY_MS;

const options = z
  .strictObject({
    every: duration(10 * SECOND_MS, LONGEST_MS).nullish(),
    cron: z.string().trim().min(1).max(200).nullish(),
    timeZone: z.string().min(1).max(100).nullish(),
    grace: duration(SECOND_MS, LONGEST_MS).default(5 * 60 * SECOND_MS),
    tokenHash: z
      .string()
      .regex(/^[\da-f]{64}$/)
      .nullish(),
  })
  .superRefine((given, context) => {
    const scheduled = given.cron !== null && given.cron !== undefined;
    const every = given.every !== null && given.every !== undefined;
    const zoned = given.timeZone !== null && given.timeZone !== undefined;
    if (scheduled && every)
      context.addIssue({ code: "custom", path: ["cron"], ...issue("one_of_two", { one: "every", other: "cron" }) });
    if (zoned && !scheduled) context.addIssue({ code: "custom", path: ["timeZone"], ...issue("time_zone_alone") });
    if (!scheduled) return;
    const read = compileSchedule(given.cron ?? "", given.timeZone ?? "UTC");
    const path = !read.ok && read.issue.message === "bad_time_zone" ? ["timeZone"] : ["cron"];
    if (!read.ok) context.addIssue({ code: "custom", path, ...read.issue });
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
  toWire: ({ every, cron, timeZone, grace, tokenHash }) => ({
    tokenHash: tokenHash ?? "",
    everyMs: cron === null || cron === undefined ? (every ?? DAY_MS) : 0,
    graceMs: grace,
    schedule: cron ?? "",
    zone: cron === null || cron === undefined ? "" : (timeZone ?? "UTC"),
  }),
  view: ({ tokenHash, everyMs, graceMs, schedule, zone }) => ({
    every: schedule === "" ? writeDuration(everyMs) : null,
    cron: schedule || null,
    timeZone: zone || null,
    grace: writeDuration(graceMs),
    tokenHash: tokenHash || null,
  }),
  wrap: (value) => ({ $case: "heartbeat", value }),
  unwrap: (check) => (check.$case === "heartbeat" ? check.value : undefined),
});
