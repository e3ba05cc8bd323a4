import {
  beat,
  channelView,
  checkView,
  configView,
  diagnosisView,
  endpointResultView,
  incidentView,
  monitorSpecView,
  monitorView,
  overview,
  problemJson,
  problemView,
  repairView,
  timelineEntryView,
  totalsView,
} from "@sentinel/contracts/api";
import { monitorInput } from "@sentinel/contracts/config";
import { z } from "zod";

export type JsonSchema = Readonly<Record<string, unknown>>;

const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries({
  Beat: beat,
  Channel: channelView,
  Check: checkView,
  Config: configView,
  Diagnosis: diagnosisView,
  EndpointResult: endpointResultView,
  Incident: incidentView,
  MonitorSpec: monitorSpecView,
  Monitor: monitorView,
  MonitorInput: monitorInput,
  Overview: overview,
  Problem: problemJson,
  FieldProblem: problemView,
  Repair: repairView,
  TimelineEntry: timelineEntryView,
  Totals: totalsView,
})) {
  names.add(schema, { id });
}

/** JSON Schemas of the shapes; those with a name are collected apart and referred to. */
export class Schemas {
  readonly components: Record<string, unknown> = {};

  /** What a client sends. */
  ofInput(shape: z.ZodType): JsonSchema {
    return this.#collect(shape, "input");
  }

  /** What it gets. */
  ofAnswer(shape: z.ZodType): JsonSchema {
    return this.#collect(shape, "output");
  }

  #collect(shape: z.ZodType, io: "input" | "output"): JsonSchema {
    const made = z.toJSONSchema(shape, { io, metadata: names, unrepresentable: "any", reused: "inline" });
    const { $schema: _schema, $defs, id, ...own }: Record<string, unknown> = relocated(made);
    Object.assign(this.components, typeof $defs === "object" ? withoutIds($defs) : {});
    if (typeof id !== "string") return own;
    this.components[id] = own;
    return { $ref: `#/components/schemas/${id}` };
  }
}

/** The same document with its references pointing to where OpenAPI keeps shared schemas. */
function relocated(schema: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

function withoutIds(definitions: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(definitions), (key, value: unknown) =>
    key === "id" && typeof value === "string" ? undefined : value,
  );
}
