import { z } from "zod";

/**
 * The JSON of REST and SSE under /api/v1: camelCase, instants as RFC 3339 UTC, spans as milliseconds, states in lower
 * case, codes with parameters beside the rendered text. `null` means "none"; a key is never left out of an answer.
 */
const instant = z.iso.datetime();
const params = z.record(z.string(), z.string());

export const verdict = z.enum(["healthy", "degraded", "down", "unknown", "missed", "maintenance"]);
export type VerdictName = z.infer<typeof verdict>;
export const monitorStatus = z.enum(["unknown", "healthy", "degraded", "down", "sleeping", "paused", "maintenance"]);
export type MonitorStatusName = z.infer<typeof monitorStatus>;
export const severity = z.enum(["low", "medium", "high", "critical"]);
export type SeverityName = z.infer<typeof severity>;
export const nature = z.enum(["technical", "business", "slo"]);
export const repairMode = z.enum(["off", "observe", "dry-run", "auto"]);
export const repairAction = z.enum(["wake-up"]);
export const resolution = z.enum([
  "recovered",
  "auto_fix",
  "manual",
  "monitor_deleted",
  "monitor_paused",
  "burn_ended",
]);

export const beat = z.object({ slotMs: z.int(), verdict, durationMs: z.number(), reason: z.string().nullable() });
export type Beat = z.infer<typeof beat>;

/** The authoring form with every default filled in; durations are strings such as "30s". */
export const monitorSpecView = z.object({
  name: z.string(),
  endpoints: z.array(
    // Of the options of other kinds than HTTP only those of the address's own kind are here.
    z.looseObject({
      url: z.string(),
      method: z.string(),
      headers: params,
      expect: z.object({ status: z.array(z.int()), bodyContains: z.string().nullable() }),
      maxLatency: z.string().nullable(),
      redirects: z.int(),
      assert: z.array(z.record(z.string(), z.union([z.string(), z.array(z.string()), z.boolean()]))),
    }),
  ),
  every: z.string(),
  timeout: z.string(),
  failuresToConfirm: z.int(),
  successesToResolve: z.int(),
  slowAfter: z.string(),
  repair: z.object({
    action: repairAction,
    mode: repairMode,
    patience: z.string(),
    cooldown: z.string(),
    hourlyCap: z.int(),
  }),
  group: z.string().nullable(),
  tags: z.array(z.string()),
  dependsOn: z.array(z.string()),
  slo: z.object({ target: z.number(), window: z.string() }).nullable(),
  nature,
  owner: z.string().nullable(),
  paused: z.boolean(),
  notify: z.array(z.string()),
});
export type MonitorSpecView = z.infer<typeof monitorSpecView>;

export const monitorView = z.object({
  id: z.string(),
  name: z.string(),
  source: z.enum(["file", "api", "demo"]),
  version: z.int(),
  createdAt: instant,
  changedAt: instant,
  spec: monitorSpecView,
  status: monitorStatus,
  since: instant.nullable(),
  lastCheckedAt: instant.nullable(),
  nextDueAt: instant.nullable(),
  responseTimeMs: z.number().nullable(),
  /** Per cent; null when nothing was checked. */
  uptime24h: z.number().nullable(),
  /** Oldest first, at most 60. */
  beats: z.array(beat),
  openIncidentId: z.int().nullable(),
  reason: z.string().nullable(),
  failingRounds: z.int(),
  /** The monitor it depends on whose failure is why nothing was opened for this one. */
  suppressedBy: z.string().nullable(),
  /** The maintenance window it is in. */
  maintenance: z.object({ window: z.string(), until: instant }).nullable(),
  /** It changes between working and failing too often. */
  flapping: z.boolean(),
  /** How its objective is kept; null without one. */
  slo: z
    .object({
      /** Per cent of the error budget that is left, negative when overdrawn; null when nothing is known yet. */
      budgetLeft: z.number().nullable(),
      uptime: z.number().nullable(),
      /** How many times faster than the objective allows the budget is used up. */
      burn1h: z.number(),
      burn6h: z.number(),
    })
    .nullable(),
});
export type MonitorView = z.infer<typeof monitorView>;

export const phases = z.object({
  dnsMs: z.number(),
  connectMs: z.number(),
  tlsMs: z.number(),
  firstByteMs: z.number(),
  transferMs: z.number(),
});

const certificateView = z.object({
  subject: z.string(),
  issuer: z.string(),
  validFrom: instant,
  validTo: instant,
  fingerprint256: z.string(),
  names: z.array(z.string()),
});

export const endpointResultView = z.object({
  url: z.string(),
  verdict,
  reason: z.string().nullable(),
  /** The reason as a sentence in the asked language. */
  reasonText: z.string().nullable(),
  status: z.int().nullable(),
  durationMs: z.number(),
  phases,
  evidence: z
    .object({
      requestLine: z.string(),
      remoteAddress: z.string().nullable(),
      status: z.int().nullable(),
      headers: params,
      /** First 4 KB as text; bytes that are not UTF-8 are replaced. */
      bodyHead: z.string(),
      certificate: certificateView.nullable(),
      /** As the server showed it, its own certificate first; at most 6. */
      certificateChain: z.array(certificateView),
      /** What the name led to; null where none was looked up. */
      dnsAnswer: z
        .object({
          name: z.string(),
          /** At most 16. */
          records: z.array(z.object({ type: z.string(), value: z.string(), ttlSeconds: z.int() })),
          /** The name servers that may have been asked, or "/etc/hosts"; empty where the name says where it leads. */
          resolver: z.string(),
          durationMs: z.number(),
          /** A code of the reason table; null when there was an answer. */
          outcome: z.string().nullable(),
          fromCache: z.boolean(),
        })
        .nullable(),
      /** In order, of the last hop; at most 8. */
      addressesTried: z.array(
        z.object({
          address: z.string(),
          port: z.int(),
          /** A code of the reason table; null when it took the connection. */
          outcome: z.string().nullable(),
          durationMs: z.number(),
        }),
      ),
      redirects: z.array(z.string()),
      params,
      /** JPEG in Base64 of the page of a browser journey. */
      screenshot: z.string().nullable(),
      /** Errors of the pages of a browser journey. */
      console: z.array(z.string()),
      steps: z.array(z.object({ name: z.string(), durationMs: z.number() })),
    })
    .nullable(),
});
export type EndpointResultView = z.infer<typeof endpointResultView>;

export const checkView = z.object({
  monitorId: z.string(),
  region: z.string(),
  prober: z.string(),
  slot: instant,
  slotMs: z.int(),
  startedAt: instant.nullable(),
  durationMs: z.number(),
  verdict,
  reason: z.string().nullable(),
  onDemand: z.boolean(),
  missedSlots: z.int(),
  endpoints: z.array(endpointResultView),
});
export type CheckView = z.infer<typeof checkView>;

/** Over a span that ends now. What nobody looked at, such as while paused, is in none of the times. */
export const monitorStatsView = z.object({
  from: instant,
  to: instant,
  /** Per cent of the time known about that was not down; null when nothing is known. */
  uptime: z.number().nullable(),
  upMs: z.int(),
  downMs: z.int(),
  unknownMs: z.int(),
  missedMs: z.int(),
  /** Rounds that had an answer. */
  answered: z.int(),
  /** Response times, within 2 %. */
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
});
export type MonitorStatsView = z.infer<typeof monitorStatsView>;

/** What a job calls, each below the address of the gateway; null where the monitor has a token of its own. */
export const pingAddressView = z.object({
  path: z.string().nullable(),
  /** For clients of Uptime Kuma. */
  pushPath: z.string().nullable(),
  slugPath: z.string(),
});
export type PingAddressView = z.infer<typeof pingAddressView>;

export const diagnosisView = z.object({
  rule: z.string(),
  issue: z.string(),
  cause: z.string(),
  severity,
  recommendations: z.array(z.string()),
  params,
  /** The same in the asked language. */
  text: z.object({ issue: z.string(), cause: z.string(), recommendations: z.array(z.string()) }),
});
export type DiagnosisView = z.infer<typeof diagnosisView>;

export const repairView = z.object({
  action: repairAction,
  attempt: z.int(),
  state: z.enum(["requested", "running", "succeeded", "failed", "unknown"]),
  requestedAt: instant,
  startedAt: instant.nullable(),
  deadline: instant.nullable(),
  finishedAt: instant.nullable(),
  reason: z.string().nullable(),
});
export type RepairView = z.infer<typeof repairView>;

export const incidentView = z.object({
  id: z.int(),
  monitorId: z.string(),
  monitorName: z.string(),
  nature,
  verdict: z.enum(["degraded", "down"]),
  status: z.enum(["open", "acknowledged", "resolved"]),
  severity,
  diagnosis: diagnosisView,
  startedAt: instant,
  detectedAt: instant,
  resolvedAt: instant.nullable(),
  resolution: resolution.nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: instant.nullable(),
  owner: z.string().nullable(),
  repairs: z.array(repairView),
  acting: z.enum(["sentinel", "owner", "nobody"]),
  reopened: z.int(),
  flapping: z.boolean(),
  endpointsTotal: z.int(),
  endpointsFailing: z.int(),
  downtimeMs: z.int(),
  version: z.int(),
});
export type IncidentView = z.infer<typeof incidentView>;

/** `type` is the event's name, such as "incident_opened"; `data` its payload in camelCase with enums in lower case. */
export const timelineEntryView = z.object({
  eventId: z.string(),
  version: z.int(),
  at: instant,
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  /** One sentence in the asked language. */
  text: z.string(),
});
export type TimelineEntryView = z.infer<typeof timelineEntryView>;

/** A maintenance window, with the one under way or the next. */
export const maintenanceView = z.object({
  id: z.string(),
  name: z.string(),
  source: z.enum(["file", "api", "demo"]),
  createdBy: z.string().nullable(),
  /** By the clock on the wall in the zone, such as "2026-03-01T02:00". */
  starts: z.string(),
  duration: z.string(),
  zone: z.string(),
  repeat: z.string().nullable(),
  monitors: z.array(z.string()),
  groups: z.array(z.string()),
  tags: z.array(z.string()),
  reason: z.string().nullable(),
  active: z.boolean(),
  startsAt: instant.nullable(),
  endsAt: instant.nullable(),
  /** Monitors that it covers now. */
  covers: z.int(),
});
export type MaintenanceView = z.infer<typeof maintenanceView>;

export const totalsView = z.object({ checks: z.int(), incidents: z.int(), autoFixes: z.int() });
export type TotalsView = z.infer<typeof totalsView>;

export const problemView = z.object({
  path: z.string(),
  code: z.string(),
  message: z.string(),
  line: z.int().nullable(),
  column: z.int().nullable(),
});
export const configView = z.object({
  file: z.string(),
  exists: z.boolean(),
  appliedAt: instant.nullable(),
  problems: z.array(problemView),
});
export type ConfigView = z.infer<typeof configView>;

export const channelView = z.object({
  name: z.string(),
  type: z.enum(["webhook", "slack", "smtp"]),
  target: z.string(),
  secret: z.string().nullable(),
  lastDeliveredAt: instant.nullable(),
  lastError: z.string().nullable(),
});
export type ChannelView = z.infer<typeof channelView>;

/** The answer to "is production up?": what the overview, `sentinel status` and GET /api/v1/status say. */
export const overview = z.object({
  /** "up": all healthy; "degraded"; "down": at least one monitor is down; "unknown": no fresh evidence; "empty": no monitor. */
  state: z.enum(["up", "degraded", "down", "unknown", "empty"]),
  /** The first sentence, in the asked language. */
  headline: z.string(),
  /** Since when, the oldest open incident's start; null when up. */
  since: instant.nullable(),
  nature: z.enum(["technical", "business", "both"]).nullable(),
  acting: z.enum(["sentinel", "owner", "nobody"]).nullable(),
  /** The five answers as sentences: up, why, since, nature, who. */
  answers: z.object({ up: z.string(), why: z.string(), since: z.string(), nature: z.string(), who: z.string() }),
  monitors: z.object({
    total: z.int(),
    healthy: z.int(),
    degraded: z.int(),
    down: z.int(),
    unknown: z.int(),
    paused: z.int(),
  }),
  openIncidents: z.int(),
  checkedAt: instant.nullable(),
  /** When results were last recorded, since this gateway runs. */
  foldedAt: instant.nullable(),
  /** Since when results cannot be recorded, such as while the database is away; null when they can. */
  notFoldedSince: instant.nullable(),
});
export type Overview = z.infer<typeof overview>;

/** A message that could not be used and was kept aside. */
export const deadLetterView = z.object({
  id: z.int(),
  /** "checks" or "outbox". */
  source: z.string(),
  subject: z.string(),
  reason: z.string(),
  /** The reason as a sentence in the asked language. */
  reasonText: z.string(),
  at: instant,
  payloadBytes: z.int(),
});
export type DeadLetterView = z.infer<typeof deadLetterView>;

/** Figures of the incidents that began in a span; means are null where there is nothing to take the mean of. */
export const kpisView = z.object({
  incidents: z.int(),
  /** Resolved by a repair that a check has verified. */
  autoFixes: z.int(),
  downtimeMs: z.int(),
  /** Mean time to detect: from the first failing round to the incident. */
  mttdMs: z.int().nullable(),
  /** Mean time to acknowledge, of what was acknowledged: from the incident to the first acknowledgement. */
  mttaMs: z.int().nullable(),
  acknowledged: z.int(),
  /** Mean time to resolve, of what is resolved: from the first failing round to the resolution. */
  mttrMs: z.int().nullable(),
  resolved: z.int(),
});
export type KpisView = z.infer<typeof kpisView>;

export const kpiReport = z.object({
  from: instant,
  to: instant,
  total: kpisView,
  /** Monitors with incidents, most first. */
  monitors: z.array(kpisView.extend({ id: z.string(), name: z.string() })),
  /** By day in UTC on which incidents began, oldest first. */
  days: z.array(kpisView.extend({ day: z.iso.date() })),
  /** Read models that the figures come from, and how many streams each has stopped following. */
  projections: z.array(z.object({ name: z.string(), parkedStreams: z.int() })),
});
export type KpiReport = z.infer<typeof kpiReport>;

/** application/problem+json (RFC 9457). */
export const problemJson = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  fix: z.string(),
  traceId: z.string().nullable(),
  problems: z.array(problemView),
});
export type ProblemJson = z.infer<typeof problemJson>;

/**
 * Frames of GET /api/v1/events. `snapshot` comes first, and again whenever a resume is not possible; every other frame
 * is a change to it. `check` frames come only for the monitor named in `?monitor=`, or for all with `?checks=all`.
 */
export type SseFrame =
  | {
      event: "snapshot";
      data: {
        monitors: MonitorView[];
        incidents: IncidentView[];
        totals: TotalsView;
        config: ConfigView;
        now: string;
        /** Since when results cannot be recorded; null when they can. */
        notFoldedSince: string | null;
      };
    }
  | { event: "monitor"; data: MonitorView }
  | { event: "monitor_removed"; data: { id: string } }
  | { event: "incident"; data: IncidentView }
  | { event: "timeline"; data: { incidentId: number; entry: TimelineEntryView } }
  | { event: "check"; data: CheckView }
  | { event: "totals"; data: TotalsView }
  | { event: "config"; data: ConfigView }
  /** Every 15 s and when recording stops or goes on; `upstream` false means the gateway itself no longer hears from the incidents service. */
  | { event: "heartbeat"; data: { now: string; upstream: boolean; notFoldedSince: string | null } };
