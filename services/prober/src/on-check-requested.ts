import { CheckRequested, STREAM_COMMANDS } from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";

/** Runs a round out of turn when somebody asks, such as the fresh check after a repair. */
export async function onCheckRequested(
  kit: ServiceKit,
  bus: Bus,
  check: (request: CheckRequested) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const options = {
    stream: STREAM_COMMANDS,
    name: "check-requested",
    filter: "cmd.check.v1.>",
    ackWaitMs: 30_000,
    maxDeliveries: 5,
    signal,
  };
  for await (const message of bus.consume(options)) {
    try {
      const request = CheckRequested.decode(message.data);
      // Acknowledged first: an unanswered request costs nothing, as the next slot checks anyway.
      await message.ack();
      await check(request);
    } catch (error) {
      kit.log.warn("prober.check_request_failed", { error });
    }
  }
}
