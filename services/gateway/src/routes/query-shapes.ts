import { z } from "zod";

/** A count from 1 to `most`. */
export const limit = (usual: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, `1–${most}`)
    .default(String(usual))
    .transform(Number)
    .refine((count) => count >= 1 && count <= most, `1–${most}`);

export const cursor = z
  .string()
  .max(200)
  .regex(/^[\w-]*$/, "nextCursor")
  .default("");

export const flag = z
  .enum(["true", "false"], "true, false")
  .default("false")
  .transform((text) => text === "true");

/** An instant as RFC 3339 or as milliseconds since 1970; 0 when absent. */
export const moment = z
  .string()
  .max(40)
  .default("0")
  .transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)))
  .refine((ms) => Number.isSafeInteger(ms) && ms >= 0, "2026-01-31T12:00:00Z, 1769860800000");
