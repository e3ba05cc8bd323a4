import { type MaintenanceView as Message, type MaintenanceWindow, SentinelError } from "@sentinel/contracts";
import { maintenanceView as maintenanceShape } from "@sentinel/contracts/api";
import { maintenanceInput, parseMaintenanceInput } from "@sentinel/contracts/config";
import { wallAt, writeWall } from "@sentinel/contracts/maintenance";
import { z } from "zod";
import { type Answer, type Route, route } from "../http/route.ts";
import { maintenanceView } from "../views/maintenance-view.ts";
import type { Parts } from "./parts.ts";

const PATH = "/api/v1/maintenance";
const TAG = "maintenance";
const ERRORS = ["maintenance_not_found"];

export function maintenanceRoutes(parts: Parts): readonly Route[] {
  return [listRoute(parts), createRoute(parts), endRoute(parts), deleteRoute(parts)];
}

function answerWith(message: Message | undefined, status = 200): Answer {
  if (message === undefined) throw new SentinelError("internal");
  return { status, body: maintenanceView(message) };
}

const listRoute = ({ api }: Parts): Route =>
  route({
    method: "GET",
    path: PATH,
    doc: {
      id: "listMaintenance",
      tag: TAG,
      summary: "Maintenance windows by name, each with the one under way or the next.",
      answer: z.object({ data: z.array(maintenanceShape) }),
    },
    handle: async ({ context }) => {
      const { windows } = await api.listMaintenance({}, context);
      return { body: { data: windows.map(maintenanceView) } };
    },
  });

const createRoute = ({ api, clock }: Parts): Route =>
  route({
    method: "POST",
    path: PATH,
    doc: {
      id: "createMaintenance",
      tag: TAG,
      summary: "Makes a maintenance window; without a start it begins at once.",
      body: maintenanceInput,
      answer: maintenanceShape,
      status: 201,
      errors: ["request_invalid", "maintenance_name_taken", "monitor_not_found"],
    },
    handle: async (call) => {
      const window = windowFrom(call.body, clock.now());
      const made = await api.createMaintenance({ window, actor: call.actor }, call.context);
      return answerWith(made.window, 201);
    },
  });

/** Errors: `request_malformed` without a body, `request_invalid` with each mistake. */
function windowFrom(body: unknown, nowMs: number): MaintenanceWindow {
  if (body === undefined) throw new SentinelError("request_malformed", { reason: "empty" });
  const parsed = parseMaintenanceInput(body, (zone) => writeWall(wallAt(zone, nowMs)));
  if (parsed.ok) return parsed.window;
  const { problems } = parsed;
  throw new SentinelError("request_invalid", { count: String(problems.length) }, { problems });
}

const endRoute = ({ api }: Parts): Route =>
  route({
    method: "POST",
    path: `${PATH}/:id/end`,
    doc: {
      id: "endMaintenance",
      tag: TAG,
      summary: "Ends what is under way of a window now; where it is repeated it comes again.",
      answer: maintenanceShape,
      errors: [...ERRORS, "maintenance_not_active"],
    },
    handle: async (call) => {
      const request = { id: call.params["id"] ?? "", actor: call.actor };
      return answerWith((await api.endMaintenance(request, call.context)).window);
    },
  });

const deleteRoute = ({ api }: Parts): Route =>
  route({
    method: "DELETE",
    path: `${PATH}/:id`,
    doc: {
      id: "deleteMaintenance",
      tag: TAG,
      summary: "Removes a window that was not made in sentinel.yaml.",
      status: 204,
      errors: [...ERRORS, "maintenance_owned_by_file"],
    },
    handle: async (call) => {
      await api.deleteMaintenance({ id: call.params["id"] ?? "", actor: call.actor }, call.context);
      return { status: 204 };
    },
  });
