import type { Beat, CheckView, IncidentView, MonitorView, TimelineEntryView } from "@sentinel/contracts/api";

/** The present of every sample. */
export const NOW_MS = Date.UTC(2026, 10, 21, 14, 6, 0);

export const at = (offsetMs: number): string => new Date(NOW_MS + offsetMs).toISOString();

export function sampleMonitor(part: Partial<MonitorView> = {}): MonitorView {
  return {
    id: "m1",
    name: "shop",
    source: "api",
    version: 3,
    createdAt: at(-3_600_000),
    changedAt: at(-3_600_000),
    spec: {
      name: part.name ?? "shop",
      endpoints: [
        {
          url: "https://shop.example/health",
          method: "GET",
          headers: { "x-kept": "1" },
          expect: { status: [], bodyContains: null },
          maxLatency: null,
          redirects: 5,
          assert: [],
        },
      ],
      every: "30s",
      timeout: "10s",
      failuresToConfirm: 2,
      successesToResolve: 1,
      slowAfter: "5s",
      repair: { action: "wake-up", mode: "auto", patience: "30s", cooldown: "10m", hourlyCap: 6 },
      group: null,
      tags: [],
      dependsOn: [],
      slo: null,
      nature: "technical",
      owner: null,
      paused: false,
      notify: [],
    },
    status: "healthy",
    since: at(-600_000),
    lastCheckedAt: at(-5000),
    nextDueAt: at(25_000),
    responseTimeMs: 120,
    uptime24h: 100,
    beats: [],
    openIncidentId: null,
    reason: null,
    failingRounds: 0,
    suppressedBy: null,
    maintenance: null,
    flapping: false,
    slo: null,
    ...part,
  };
}

export function sampleIncident(part: Partial<IncidentView> = {}): IncidentView {
  const text = {
    issue: "shop.example cannot be reached on port 443",
    cause: "Nothing listens there.",
    recommendations: [],
  };
  return {
    id: 7,
    monitorId: "m1",
    monitorName: "shop",
    nature: "technical",
    verdict: "down",
    status: "open",
    severity: "critical",
    diagnosis: {
      rule: "connect.refused/all",
      issue: "unreachable",
      cause: "crashed_or_not_started",
      severity: "critical",
      recommendations: [],
      params: { host: "shop.example", port: "443" },
      text,
    },
    startedAt: at(-192_000),
    detectedAt: at(-190_000),
    resolvedAt: null,
    resolution: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    owner: null,
    repairs: [],
    acting: "nobody",
    reopened: 0,
    flapping: false,
    endpointsTotal: 1,
    endpointsFailing: 1,
    downtimeMs: 192_000,
    version: 4,
    ...part,
  };
}

export function sampleCheck(part: Partial<CheckView> = {}): CheckView {
  const slotMs = part.slotMs ?? NOW_MS;
  return {
    monitorId: "m1",
    region: "local",
    prober: "p1",
    slot: new Date(slotMs).toISOString(),
    slotMs,
    startedAt: null,
    durationMs: 12,
    verdict: "healthy",
    reason: null,
    onDemand: false,
    missedSlots: 0,
    endpoints: [],
    ...part,
  };
}

export function sampleEntry(version: number): TimelineEntryView {
  return { eventId: `e${version}`, version, at: at(0), type: "incident_opened", data: {}, text: "It is down." };
}

export const beat = (verdict: Beat["verdict"], slotMs = NOW_MS): Beat => ({
  slotMs,
  verdict,
  durationMs: 1,
  reason: null,
});
