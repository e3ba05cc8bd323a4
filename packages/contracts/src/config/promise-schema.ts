import { z } from "zod";
import type { Slo } from "../generated/sentinel/monitors/v1/monitors.ts";
import { writeDuration } from "./duration.ts";
import { duration } from "./duration-field.ts";

const DAY_MS = 86_400_000;
const text = z.string().trim().min(1).max(40);

/** Tags as a list, or as keys with values, which become "key:value". */
export const tags = z
  .union([
    z.array(text).max(20),
    z.record(text, z.union([text, z.number(), z.boolean()])).transform((map, context) => {
      const list = Object.entries(map).map(([key, value]) => `${key}:${value}`);
      if (list.length > 20) context.addIssue({ code: "too_big", maximum: 20, origin: "array", input: map });
      return list;
    }),
  ])
  .default([]);

/** How much of the time a monitor promises to be up. */
export const slo = z.strictObject({
  target: z.number().min(50).max(99.999),
  window: duration(DAY_MS, 365 * DAY_MS).default(30 * DAY_MS),
});

export const sloToWire = (value: z.output<typeof slo> | null | undefined): Slo | undefined =>
  value === null || value === undefined ? undefined : { target: value.target, windowMs: value.window };

export const sloView = (value: Slo | undefined): { target: number; window: string } | null =>
  value === undefined ? null : { target: value.target, window: writeDuration(value.windowMs) };
