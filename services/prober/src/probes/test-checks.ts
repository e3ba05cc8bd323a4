import type { EndpointResult } from "@sentinel/contracts";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { type RawTarget, type Script, startRawTarget } from "@sentinel/testkit";
import { probe } from "./index.ts";
import { requestFor } from "./test-check.ts";

export interface Checks {
  /** Reads the endpoint as a monitor's author writes it, and checks it once. */
  readonly check: (endpoint: object, timeoutMs?: number) => Promise<EndpointResult>;
  /** A server on loopback that talks as the script says; gives its port. */
  readonly serve: (talk: Script) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Checks as a prober makes them, with these secrets and loopback allowed. */
export function createChecks(secrets: Readonly<Record<string, string>> = {}): Checks {
  const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  const targets: RawTarget[] = [];
  const secret = (name: string): string | undefined => secrets[name];
  return {
    check: (endpoint, timeoutMs = 3000) => probe(requestFor(endpoint, { egress, timeoutMs, secret })),
    serve: async (talk) => {
      const target = await startRawTarget(talk, { at: "connection" });
      targets.push(target);
      return target.port;
    },
    close: async () => {
      egress.close();
      await Promise.all(targets.map((target) => target.stop()));
    },
  };
}
