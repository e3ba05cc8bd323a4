import type { Clock } from "@sentinel/service-kit";
import { createAddressPolicy } from "./address-policy.ts";
import { attempt } from "./attempt.ts";
import { converse, datagram } from "./converse.ts";
import { allowedAddresses, dial } from "./dial.ts";
import type { DialTarget, Egress, EgressPolicy } from "./egress.ts";
import { exchange } from "./exchange.ts";
import { createResolve, type Resolve } from "./resolve.ts";

export interface EgressOptions {
  readonly policy: EgressPolicy;
  readonly clock: Clock;
  readonly resolve?: Resolve;
}

/** @throws Error when the policy holds something that is not a CIDR range. */
export function createEgress(options: EgressOptions): Egress {
  const { clock } = options;
  const judge = createAddressPolicy(options.policy);
  const resolve = options.resolve ?? createResolve({ clock });
  const closing = new AbortController();
  const shared = { resolve, judge, monotonic: () => clock.monotonic() };
  return {
    request: (request) => exchange(request, { ...shared, pinned: !options.policy.allowPrivate }, closing.signal),
    connect: ({ host, port, tls, timeoutMs, signal }) =>
      attempt({ timeoutMs, signal }, shared, closing.signal, (under) =>
        dial({ ...under, host, port, tls: tls ? {} : undefined }),
      ).then(({ value }) => value),
    converse: (target, talk) =>
      attempt(target, shared, closing.signal, (under) => converse({ ...under, ...pick(target) }, target.tls, talk)),
    datagram: (target) =>
      attempt(target, shared, closing.signal, (under) => datagram({ ...under, ...pick(target) }, target)),
    address: (target) =>
      attempt(target, shared, closing.signal, async (under) => {
        const [address = ""] = await allowedAddresses({ ...under, ...pick(target) });
        return address;
      }),
    close: () => closing.abort(),
  };
}

const pick = ({ host, port, ipFamily }: DialTarget) => ({ host, port, ipFamily });
