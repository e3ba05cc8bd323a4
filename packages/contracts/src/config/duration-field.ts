import { z } from "zod";
import { parseDuration, writeDuration } from "./duration.ts";
import { DURATION, issue } from "./problem.ts";

/** A span written "500ms", "2s", "5m", "1h"; parsed to milliseconds. */
export const duration = (minMs: number, maxMs: number) =>
  z
    .string({ error: DURATION })
    .meta({ pattern: "^\\d+(\\.\\d+)?(ms|s|m|h|d)$", examples: ["30s"] })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms === undefined) {
        context.addIssue({ code: "custom", ...issue("bad_duration", { value: text }) });
        return z.NEVER;
      }
      if (ms < minMs || ms > maxMs) {
        const range = { value: text, minimum: writeDuration(minMs), maximum: writeDuration(maxMs) };
        context.addIssue({ code: "custom", ...issue("duration_out_of_range", range) });
        return z.NEVER;
      }
      return ms;
    });
