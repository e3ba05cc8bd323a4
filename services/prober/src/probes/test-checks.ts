import { describe } from "@jest/globals";
import type { EndpointResult } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { createEgress, type Egress } from "@sentinel/egress";
import { type Clock, systemClock } from "@sentinel/service-kit";
import { type RawTarget, type Script, startRawTarget } from "@sentinel/testkit";
import type { Browsers } from "../browser/browsers.ts";
import type { SecretSource } from "../core/secrets.ts";
import { probe } from "./index.ts";
import type { ProbeRequest } from "./probe.ts";

interface Asking {
  readonly egress: Egress;
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  readonly secret?: SecretSource;
  readonly browsers?: Browsers;
}

/** An endpoint as people write it, read as the product reads it, ready to be probed. */
export function requestFor(
  endpoint: object,
  { egress, timeoutMs = 2000, clock, secret, browsers }: Asking,
): ProbeRequest {
  const parsed = parseMonitorInput({ name: "x", endpoints: [endpoint], timeout: `${timeoutMs}ms`, slowAfter: "60s" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [first] = parsed.spec.endpoints;
  if (first === undefined) throw new Error("no endpoint");
  const deps = {
    egress,
    clock: clock ?? systemClock,
    secret: secret ?? (() => undefined),
    ...(browsers === undefined ? {} : { browsers }),
  };
  return { endpoint: first, spec: parsed.spec, deps, signal: new AbortController().signal };
}

/** In short what came of a check. */
export const inShort = ({ verdict, reason }: EndpointResult) => `${verdict.replace("VERDICT_", "")} ${reason}`.trim();

/** The tests against a real program, where it is installed; elsewhere they are skipped, and it is said what stands in. */
export function describeAgainst(program: string, path: string | undefined, standIn: string): typeof describe.only {
  if (path !== undefined) return describe;
  process.stderr.write(`skipped: the tests against ${program}, which is not installed; ${standIn}\n`);
  return describe.skip;
}

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
