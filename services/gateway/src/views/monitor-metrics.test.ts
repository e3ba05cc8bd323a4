import { expect, test } from "@jest/globals";
import { CheckResult, MonitorStatus, MonitorView } from "@sentinel/contracts";
import { MAX_MONITORS, monitorMetrics, phaseSeconds } from "./monitor-metrics.ts";

const view = (id: string, name: string, rest: Partial<MonitorView> = {}): MonitorView => ({
  ...MonitorView.fromPartial({ monitor: { id, spec: { name } } }),
  ...rest,
});

test("state, reason, phases and staleness of a monitor are told", () => {
  const down = view("m1", 'sh"op', {
    status: MonitorStatus.DOWN,
    reason: "connect_refused",
    lastCheckedAtMs: 10_000,
    nextDueAtMs: 12_000,
    responseTimeMs: 250,
  });
  const fresh = view("m2", "new", { status: MonitorStatus.UNKNOWN });
  const lines = monitorMetrics([down, fresh], (id) => (id === "m1" ? { dns: 0.25 } : undefined), 15_000).split("\n");
  expect(lines.filter((line) => line !== "" && !line.startsWith("#") && !line.endsWith(" 0"))).toEqual([
    'sentinel_monitor_status{monitor="sh\\"op",status="down"} 1',
    'sentinel_monitor_status{monitor="new",status="unknown"} 1',
    'sentinel_monitor_reason_info{monitor="sh\\"op",reason="connect_refused"} 1',
    'sentinel_monitor_last_check_timestamp_seconds{monitor="sh\\"op"} 10',
    'sentinel_monitor_staleness_seconds{monitor="sh\\"op"} 3',
    'sentinel_monitor_response_seconds{monitor="sh\\"op"} 0.25',
    'sentinel_monitor_phase_seconds{monitor="sh\\"op",phase="dns"} 0.25',
    "sentinel_monitors 2",
  ]);
});

test("of more monitors than are told one by one the rest is counted", () => {
  const many = Array.from({ length: MAX_MONITORS + 5 }, (_, index) => view(`m${index}`, `monitor ${index}`));
  const text = monitorMetrics(many, () => undefined, 0);
  expect(text.match(/^sentinel_monitor_status\{.*status="down"/gm)).toHaveLength(MAX_MONITORS);
  expect(text).toContain("sentinel_monitors_not_told 5\n");
});

test("phases of a round are summed over its endpoints, in seconds", () => {
  const phases = { dnsMs: 100, connectMs: 50, tlsMs: 0, firstByteMs: 20, transferMs: 5 };
  const round = CheckResult.fromPartial({ endpoints: [{ phases }, { phases }, {}] });
  expect(phaseSeconds(round)).toEqual({ dns: 0.2, connect: 0.1, tls: 0, first_byte: 0.04, transfer: 0.01 });
});
