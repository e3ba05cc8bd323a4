import { z } from "zod";
import { channelSchema } from "./channel-schema.ts";
import { maintenanceBody } from "./maintenance-schema.ts";
import { monitorBody } from "./monitor-schema.ts";

/** The grammar of `sentinel.yaml` as JSON Schema, for editors. */
export function sentinelJsonSchema(): Record<string, unknown> {
  const file = z.strictObject({
    monitors: z.record(z.string(), monitorBody).optional(),
    maintenance: z.record(z.string(), maintenanceBody).optional(),
    notifications: z.record(z.string(), channelSchema({})).optional(),
  });
  return { title: "sentinel.yaml", ...z.toJSONSchema(file, { io: "input", unrepresentable: "any" }) };
}
