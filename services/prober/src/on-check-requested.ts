import { CheckRequested, STREAM_COMMANDS } from "@sentinel/contracts";
import type { Bus, WorkMessage } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { SecondLook } from "./second-look.ts";

/** Runs a round out of turn when somebody asks, such as the fresh check after a repair. */
export async function onCheckRequested(
  kit: ServiceKit,
  bus: Bus,
  check: (request: CheckRequested) => Promise<void>,
  secondLook: Pick<SecondLook, "isOwn" | "alone">,
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
      if (secondLook.isOwn(request)) {
        await leaveToOthers(message, secondLook);
        continue;
      }
      // Acknowledged first: an unanswered request costs nothing, as the next slot checks anyway.
      await message.ack();
      await check(request);
    } catch (error) {
      kit.log.warn("prober.check_request_failed", { error });
    }
  }
}

const LEFT_TIMES = 3;
const LEFT_FOR_MS = 50;

/** What asks for the view of another prober is not for this one; nobody takes it where this one is alone. */
async function leaveToOthers(message: WorkMessage, secondLook: Pick<SecondLook, "alone">): Promise<void> {
  if (message.deliveries <= LEFT_TIMES) return await message.retry(LEFT_FOR_MS);
  secondLook.alone();
  await message.ack();
}
