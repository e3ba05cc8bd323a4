import { createEgress, EgressError, startLoopbackPage } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";

/** A page of our own on loopback, fetched by the way that checks take. */
export interface LoopbackCanary {
  /** Why the page could not be fetched in time; empty when it could. */
  look(): Promise<string>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 1000;

/** @throws Error when nothing can be listened on */
export async function startLoopbackCanary(clock: Clock): Promise<LoopbackCanary> {
  const page = await startLoopbackPage();
  const egress = createEgress({ policy: { allowPrivate: false, allowCidrs: ["127.0.0.1/32"] }, clock });
  return {
    look: async () => {
      try {
        const { status } = await egress.request({ url: page.url, timeoutMs: PATIENCE_MS });
        return status === 200 ? "" : "status";
      } catch (thrown) {
        return thrown instanceof EgressError ? thrown.failure.reason : "unknown";
      }
    },
    stop: async () => {
      egress.close();
      await page.stop();
    },
  };
}
