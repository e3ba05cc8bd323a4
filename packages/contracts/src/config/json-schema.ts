import { z } from "zod";
import { channelSchema } from "./channel-schema.ts";
import { monitorBody } from "./monitor-schema.ts";

/** The grammar of `sentinel.yaml` as JSON Schema, for editors. */
export function sentinelJsonSchema(): Record<string, unknown> {
  const file = z.strictObject({
    monitors: z.record(z.string(), monitorBody).optional(),
    notifications: z.record(z.string(), channelSchema({})).optional(),
  });
  return { title: "sentinel.yaml", ...z.toJSONSchema(file, { io: "input", unrepresentable: "any" }) };
}
