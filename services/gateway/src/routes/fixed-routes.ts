import { type Incident, type MonitorView as Message, Verdict } from "@sentinel/contracts";
import { type Locale, renderText } from "@sentinel/contracts/text";
import { z } from "zod";
import { type Route, route, routeWithQuery } from "../http/route.ts";
import { incidentView } from "../views/incident-view.ts";
import { monitorView } from "../views/monitor-view.ts";
import type { ReadModel } from "../read-model.ts";
import type { Parts } from "./parts.ts";
import { flag } from "./query-shapes.ts";

/** Incidents shown at most; the newest. */
const SHOWN = 200;

const alert = z.object({
  id: z.int(),
  service: z.string(),
  severity: z.enum(["LOW", "MEDIUM", "HIGH", "CRITICAL"]),
  issue: z.string(),
  detected_at: z.iso.datetime(),
  resolved_at: z.iso.datetime().nullable(),
  recommendation: z.string(),
});

const security = z.object({ secure: z.boolean().nullable(), security_score: z.number().nullable() });

const status = z.object({
  services: z.record(
    z.string(),
    z.object({ status: z.string(), response_time_ms: z.number().nullable(), uptime_24h: z.number().nullable() }),
  ),
  alerts: z.array(alert),
  metrics: z.object({ total_checks: z.int(), total_incidents: z.int(), auto_fixes: z.int() }),
  security,
});

/** No check looks at security: that is neither secure nor insecure, and no score. */
const UNJUDGED: z.output<typeof security> = { secure: null, security_score: null };

/** The addresses and shapes that existing clients rely on: they never change. */
export function fixedRoutes({ model, api, cache }: Parts): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/status",
      doc: { id: "getFixedStatus", tag: "fixed", summary: "All services, alerts and counts.", answer: status },
      handle: async ({ locale }) => cache.answer(`fixed status ${locale}`, () => statusOf(model, locale)),
    }),
    routeWithQuery({
      method: "GET",
      path: "/api/incidents",
      query: z.object({ open_only: flag }),
      doc: {
        id: "listFixedIncidents",
        tag: "fixed",
        summary: "Incidents, newest first.",
        answer: z.object({ incidents: z.array(alert) }),
      },
      handle: async ({ query, locale, context }) => {
        // What is open is all in memory; what is closed is older than memory may be.
        if (query.open_only)
          return cache.answer(`fixed open ${locale}`, () => ({ incidents: openAlerts(model, locale) }));
        const request = { openOnly: false, monitorId: "", beforeId: 0, limit: SHOWN };
        const { incidents } = await api.listIncidents(request, context);
        return { body: { incidents: incidents.map((each) => alertOf(each, locale)) } };
      },
    }),
    route({
      method: "GET",
      path: "/api/security/status",
      doc: {
        id: "getFixedSecurityStatus",
        tag: "fixed",
        summary: "Security checks; says so when none is configured.",
        answer: z.object({
          ...security.shape,
          checks: z.array(z.object({ name: z.string(), status: z.enum(["PASS", "FAIL", "INCONCLUSIVE"]) })),
          vulnerabilities: z.array(z.string()),
        }),
      },
      handle: async ({ locale }) => ({
        body: {
          ...UNJUDGED,
          checks: [{ name: renderText(locale, "gateway.no_security_check"), status: "INCONCLUSIVE" }],
          vulnerabilities: [],
        },
      }),
    }),
  ];
}

function statusOf(model: ReadModel, locale: Locale): z.output<typeof status> {
  return {
    services: Object.fromEntries(model.monitors().map(serviceOf)),
    alerts: openAlerts(model, locale),
    metrics: {
      total_checks: model.totals.checks,
      total_incidents: model.totals.incidents,
      auto_fixes: model.totals.autoFixes,
    },
    security: UNJUDGED,
  };
}

const openAlerts = (model: ReadModel, locale: Locale): z.output<typeof alert>[] =>
  model
    .incidents()
    .filter((each) => each.resolvedAtMs === 0)
    .map((each) => alertOf(each, locale));

function serviceOf(message: Message): [string, z.output<typeof status>["services"][string]] {
  const view = monitorView(message);
  return [view.name, { status: view.status, response_time_ms: view.responseTimeMs, uptime_24h: view.uptime24h }];
}

const SEVERITIES = { low: "LOW", medium: "MEDIUM", high: "HIGH", critical: "CRITICAL" } as const;

function alertOf(message: Incident, locale: Locale): z.output<typeof alert> {
  const view = incidentView(message, locale);
  const plain = renderText(locale, message.verdict === Verdict.DEGRADED ? "gateway.degraded" : "gateway.down");
  return {
    id: view.id,
    service: view.monitorName,
    severity: SEVERITIES[view.severity],
    issue: view.diagnosis.text.issue || plain,
    detected_at: view.detectedAt,
    resolved_at: view.resolvedAt,
    recommendation: view.diagnosis.text.recommendations[0] ?? "",
  };
}
