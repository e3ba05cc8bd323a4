import type { RunRepair } from "@sentinel/contracts";
import { type Egress, EgressError } from "@sentinel/egress";
import type { ServiceKit } from "@sentinel/service-kit";

const AGAIN_MS = 1000;
const DURING_MS = 20;

export interface RepairOutcome {
  /** Every endpoint that failed answers as its monitor expects. */
  readonly answered: boolean;
  /** Reason code of the last try; empty when answered. */
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tookMs: number;
}

type Endpoint = RunRepair["endpoints"][number];

/**
 * Knocks at the failing endpoints until they answer as expected or `patienceMs` is over: a host that sleeps when idle
 * holds the request or refuses it until it is up.
 */
export async function wakeUp(
  kit: ServiceKit,
  egress: Egress,
  command: RunRepair,
  signal: AbortSignal,
): Promise<RepairOutcome> {
  const from = kit.clock.monotonic();
  void kit.clock.sleep(DURING_MS, signal).then(() => kit.failpoint("repair.during-ping"));
  const outcomes = await Promise.all(
    command.endpoints.map((endpoint) => knock(kit, egress, endpoint, command.patienceMs, signal)),
  );
  kit.failpoint("repair.after-ping");
  const failed = outcomes.find((outcome) => !outcome.answered);
  const last = failed ?? outcomes[0] ?? { answered: false, reason: "unknown", params: {} };
  return { ...last, tookMs: Math.round(kit.clock.monotonic() - from) };
}

async function knock(
  kit: ServiceKit,
  egress: Egress,
  endpoint: Endpoint,
  patienceMs: number,
  signal: AbortSignal,
): Promise<Omit<RepairOutcome, "tookMs">> {
  const until = kit.clock.monotonic() + patienceMs;
  for (;;) {
    const outcome = await ask(egress, endpoint, Math.max(1, until - kit.clock.monotonic()), signal);
    const leftMs = until - kit.clock.monotonic();
    if (outcome.answered || leftMs <= AGAIN_MS || signal.aborted) return outcome;
    await kit.clock.sleep(AGAIN_MS, signal);
  }
}

async function ask(
  egress: Egress,
  endpoint: Endpoint,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Omit<RepairOutcome, "tookMs">> {
  const { url } = endpoint;
  try {
    const { status } = await egress.request({
      url,
      method: endpoint.method === "" ? "GET" : endpoint.method,
      headers: { ...endpoint.headers, "sentinel-purpose": "wake-up" },
      timeoutMs,
      maxRedirects: endpoint.maxRedirects,
      signal,
    });
    const expected = endpoint.expectStatus;
    const fits = expected.length === 0 ? status >= 200 && status < 300 : expected.includes(status);
    const params = { url, status: String(status), actual: String(status), expected: expected.join(", ") || "2xx" };
    return { answered: fits, reason: fits ? "" : "status", params };
  } catch (thrown) {
    if (!(thrown instanceof EgressError)) throw thrown;
    return { answered: false, reason: thrown.failure.reason, params: { ...thrown.failure.params, url } };
  }
}
