import type { Catalogue } from "../catalogue.ts";

export const gateway = {
  "gateway.no_security_check": "No security check is configured",
  "gateway.down": "The service does not answer as it should.",
  "gateway.degraded": "The service answers, but worse than it should.",
  "gateway.no_dashboard": "Sentinel runs here without its dashboard. The API is described at /api/docs.",
  "gateway.no_snapshot": "the incidents service has not been heard from yet",
  "gateway.nothing_checked": "no monitor has been checked yet",
} as const satisfies Catalogue;
