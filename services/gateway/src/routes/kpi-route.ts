import { kpiReport } from "@sentinel/contracts/api";
import { z } from "zod";
import { type Route, routeWithQuery } from "../http/route.ts";
import { kpiReportView } from "../views/kpi-view.ts";
import type { Parts } from "./parts.ts";
import { limit } from "./query-shapes.ts";

const USUAL_DAYS = 30;
const MOST_DAYS = 400;

export const kpiRoute = ({ api }: Parts): Route =>
  routeWithQuery({
    method: "GET",
    path: "/api/v1/kpis",
    query: z.object({ days: limit(USUAL_DAYS, MOST_DAYS) }),
    doc: {
      id: "getKpis",
      tag: "incidents",
      summary: "Figures of the incidents that began in the last days: how many, how long, how soon resolved.",
      answer: kpiReport,
      errors: ["kpis_not_ready"],
    },
    handle: async ({ query, context }) => ({ body: kpiReportView(await api.getKpis({ days: query.days }, context)) }),
  });
