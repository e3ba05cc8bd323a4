import { systemClock } from "@sentinel/service-kit";
import type { Target } from "@sentinel/testkit";
import { createEgress } from "./create-egress.ts";
import type { EgressFailure, EgressRequest, EgressResponse } from "./egress.ts";
import { EgressError } from "./egress-error.ts";

/** As a person runs it on their own machine. */
export const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
const stops: (() => Promise<void>)[] = [];
/** Stopped with the others when the tests of a file are over. */
export const use = <T extends Pick<Target, "stop">>(target: T): T => {
  stops.push(() => target.stop());
  return target;
};

export async function stopAll(): Promise<void> {
  egress.close();
  await Promise.all(stops.map((stop) => stop()));
}

export const get = (url: string, more: Partial<EgressRequest> = {}): Promise<EgressResponse> =>
  egress.request({ url, timeoutMs: 5000, ...more });

export async function failureOf(request: Promise<unknown>): Promise<EgressFailure> {
  const error: unknown = await request.then(
    (answer) => answer,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EgressError) return error.failure;
  throw new Error(`expected an EgressError, got ${String(error)}`);
}
