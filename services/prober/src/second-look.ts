import { CheckRequested, type CheckResult, type MonitorSpec, subjects, Verdict } from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import { patienceOf, recheckInMs } from "./core/recheck.ts";
import type { Usual } from "./core/usual.ts";

/** Looks again as soon as a monitor fails for the first time, so that an outage need not wait for two whole slots. */
export interface SecondLook {
  note(spec: MonitorSpec, result: CheckResult, usual: Usual | undefined): void;
  forget(monitorId: string): void;
  /** Whether a request is one of ours that asked others; `alone` when nobody else took it. */
  isOwn(request: CheckRequested): boolean;
  alone(): void;
}

interface SecondLookDeps {
  readonly kit: Pick<ServiceKit, "clock" | "log">;
  readonly bus: Pick<Bus, "publish">;
  /** Names this prober among others. */
  readonly name: string;
  /** A round out of turn, here, that waits for so long. */
  readonly recheck: (request: CheckRequested, timeoutMs: number) => Promise<void>;
}

const CAUSE = "confirm:";
/** So long it is not asked again whether there are other probers. */
const ALONE_MS = 60_000;

export function createSecondLook(deps: SecondLookDeps, signal: AbortSignal): SecondLook {
  const { kit, bus, name } = deps;
  const failing = new Map<string, number>();
  let aloneUntilMs = 0;
  const request = (monitorId: string, traceparent: string): CheckRequested => ({
    monitorId,
    cause: CAUSE + name,
    traceparent,
    requestId: "",
  });
  const askOthers = (asked: CheckRequested): void => {
    if (kit.clock.monotonic() < aloneUntilMs) return;
    bus.publish(subjects.checkNow(asked.monitorId), CheckRequested.encode(asked).finish()).catch((error: unknown) => {
      // The round of our own comes all the same.
      kit.log.warn("prober.others_not_asked", { error });
    });
  };
  const lookAgain = async (asked: CheckRequested, rounds: number, inMs: number, timeoutMs: number): Promise<void> => {
    await kit.clock.sleep(inMs, signal);
    if (!signal.aborted && failing.get(asked.monitorId) === rounds) await deps.recheck(asked, timeoutMs);
  };
  return {
    note: (spec, result, usual) => {
      const { monitorId, verdict } = result;
      if (verdict === Verdict.HEALTHY) failing.delete(monitorId);
      if (verdict !== Verdict.DOWN && verdict !== Verdict.DEGRADED) return;
      const rounds = (failing.get(monitorId) ?? 0) + 1;
      failing.set(monitorId, rounds);
      const inMs = recheckInMs({ ...result, rounds }, spec, kit.clock.now());
      if (inMs === undefined) return;
      const asked = request(monitorId, result.traceparent);
      askOthers(asked);
      void lookAgain(asked, rounds, inMs, patienceOf(result, spec, usual));
    },
    forget: (monitorId) => void failing.delete(monitorId),
    isOwn: ({ cause }) => cause === CAUSE + name,
    alone: () => {
      aloneUntilMs = kit.clock.monotonic() + ALONE_MS;
    },
  };
}
