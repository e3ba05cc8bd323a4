import { describe, expect, test } from "@jest/globals";
import type { SseFrame } from "@sentinel/contracts/api";
import {
  initialLiveState,
  lastCheckedMs,
  type LiveState,
  loseConnection,
  mergeChecks,
  mergeTimeline,
  openIncidents,
  putIncident,
  putMonitor,
  reduceFrame,
} from "./live-state.ts";
import { at, NOW_MS, sampleCheck, sampleEntry, sampleIncident, sampleMonitor } from "./testing/sample-views.ts";

/** The browser's clock is three seconds behind. */
const BROWSER_MS = NOW_MS - 3000;

const snapshot = (part: Partial<Extract<SseFrame, { event: "snapshot" }>["data"]> = {}): SseFrame => ({
  event: "snapshot",
  data: {
    monitors: [sampleMonitor()],
    incidents: [],
    totals: { checks: 1, incidents: 0, autoFixes: 0 },
    config: { file: "sentinel.yaml", exists: true, appliedAt: null, problems: [] },
    now: at(0),
    notFoldedSince: null,
    ...part,
  },
});

const after = (...frames: readonly SseFrame[]): LiveState =>
  frames.reduce((state, frame) => reduceFrame(state, frame, BROWSER_MS), initialLiveState);

describe("what is heard", () => {
  test("a snapshot seeds the page and sets its clock by the server's", () => {
    const state = after(snapshot());
    expect(state).toMatchObject({ connection: "live", seeded: true, clockOffsetMs: 3000, heardAtMs: NOW_MS });
    expect([...state.monitors.keys()]).toEqual(["m1"]);
  });

  test("a second snapshot forgets what is gone, but keeps resolved incidents that were fetched", () => {
    const resolved = sampleIncident({ id: 3, status: "resolved", resolvedAt: at(0) });
    const known = putIncident(after(snapshot({ incidents: [sampleIncident()] })), resolved);
    const state = reduceFrame(known, snapshot({ monitors: [] }), BROWSER_MS);
    expect(state.monitors.size).toBe(0);
    expect([...state.incidents.keys()]).toEqual([3]);
  });

  test("each change lands where it belongs, without touching the state before", () => {
    const before = after(snapshot());
    const state = after(
      snapshot(),
      { event: "monitor", data: sampleMonitor({ status: "down" }) },
      { event: "monitor", data: sampleMonitor({ id: "m2" }) },
      { event: "monitor_removed", data: { id: "m2" } },
      { event: "incident", data: sampleIncident() },
      { event: "totals", data: { checks: 2, incidents: 1, autoFixes: 1 } },
    );
    expect([...state.monitors.values()].map(({ id, status }) => [id, status])).toEqual([["m1", "down"]]);
    expect(state.incidents.get(7)?.status).toBe("open");
    expect(state.totals?.autoFixes).toBe(1);
    expect(before.monitors.get("m1")?.status).toBe("healthy");
  });

  test("a heartbeat tells whether the gateway itself still hears the checks", () => {
    const deaf = after(snapshot(), { event: "heartbeat", data: { now: at(0), upstream: false, notFoldedSince: null } });
    expect(deaf.upstream).toBe(false);
    expect(reduceFrame(deaf, snapshot(), BROWSER_MS).upstream).toBe(true);
  });

  test("a heartbeat and a snapshot tell since when nothing is recorded", () => {
    const beat = (notFoldedSince: string | null): SseFrame => ({
      event: "heartbeat",
      data: { now: at(9), upstream: true, notFoldedSince },
    });
    const standing = after(snapshot(), beat(at(5)));
    expect(standing.notFoldedSinceMs).toBe(Date.parse(at(5)));
    expect(after(snapshot(), beat(at(5)), beat(null)).notFoldedSinceMs).toBeNull();
    expect(reduceFrame(standing, snapshot(), BROWSER_MS).notFoldedSinceMs).toBeNull();
  });

  test("a lost connection keeps what is known; before the first snapshot it is still connecting", () => {
    expect(loseConnection(after(snapshot()))).toMatchObject({ connection: "lost", seeded: true });
    expect(loseConnection(initialLiveState).connection).toBe("connecting");
    expect(loseConnection({ ...initialLiveState, connection: "denied" }).connection).toBe("denied");
  });
});

describe("what came twice or late", () => {
  test("an older answer of REST never replaces what the stream already told", () => {
    const state = after(snapshot({ incidents: [sampleIncident({ version: 9 })] }));
    expect(putIncident(state, sampleIncident({ version: 8, status: "resolved" }))).toBe(state);
    expect(putMonitor(state, sampleMonitor({ version: 3, status: "unknown" }))).toBe(state);
    expect(putMonitor(state, sampleMonitor({ version: 4, status: "paused" })).monitors.get("m1")?.status).toBe(
      "paused",
    );
  });

  test("a timeline holds each event once, oldest first, however it came", () => {
    const merged = mergeTimeline([sampleEntry(1), sampleEntry(3)], [sampleEntry(2), sampleEntry(3)]);
    expect(merged.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  test("rounds are listed once each, newest first, and only so many", () => {
    const rounds = Array.from({ length: 300 }, (_, n) => sampleCheck({ slotMs: n * 1000 }));
    const merged = mergeChecks(rounds, [sampleCheck({ slotMs: 299_000, verdict: "down" })]);
    expect(merged).toHaveLength(200);
    expect(merged[0]).toMatchObject({ slotMs: 299_000, verdict: "down" });
  });

  test("a round on demand does not hide the due one of the same slot", () => {
    expect(mergeChecks([sampleCheck()], [sampleCheck({ onDemand: true })])).toHaveLength(2);
  });
});

describe("what is asked of it", () => {
  test("the newest check counts, and none is none", () => {
    expect(lastCheckedMs(initialLiveState)).toBeNull();
    const monitors = [sampleMonitor({ lastCheckedAt: null }), sampleMonitor({ id: "m2", lastCheckedAt: at(-1000) })];
    expect(lastCheckedMs(after(snapshot({ monitors })))).toBe(NOW_MS - 1000);
  });

  test("open incidents come by severity, down before degraded, then the oldest", () => {
    const incidents = [
      sampleIncident({ id: 1, severity: "high", verdict: "degraded" }),
      sampleIncident({ id: 2, severity: "high" }),
      sampleIncident({ id: 3 }),
      sampleIncident({ id: 4, status: "resolved" }),
      sampleIncident({ id: 5, severity: "high" }),
    ];
    expect(openIncidents(after(snapshot({ incidents }))).map(({ id }) => id)).toEqual([3, 2, 5, 1]);
  });
});
