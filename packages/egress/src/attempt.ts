import { SentinelError } from "@sentinel/contracts/errors";
import { certificateChain as chainOf } from "./certificate-chain.ts";
import { type DialOptions, enter, type Failed, failed, type Progress } from "./dial.ts";
import type { Conversed, ExchangeFacts } from "./egress.ts";
import { EgressError } from "./egress-error.ts";
import { reasonOf } from "./reason.ts";

/** What every way out shares. */
export type Shared = Pick<DialOptions, "resolve" | "judge" | "monotonic">;

/** A try under way: its deadline, and where its time goes. */
export interface Attempt extends Shared {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
}

/** Runs the work under one deadline; what it throws becomes an EgressError with what is known until then. */
export async function attempt<T>(
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  shared: Shared,
  closing: AbortSignal,
  work: (under: Attempt) => Promise<T>,
): Promise<Conversed<T>> {
  const deadline = withDeadline(limits.timeoutMs, closing, limits.signal);
  const progress = newProgress(shared.monotonic());
  try {
    const under = { ...shared, progress, signal: deadline.signal, remainingMs: deadline.remainingMs };
    const value = await work(under);
    enter(progress, progress.phase, shared.monotonic());
    return { value, facts: emptyFacts(progress) };
  } catch (thrown) {
    throw toError(thrown, progress, emptyFacts(progress), shared.monotonic());
  } finally {
    deadline.done();
  }
}

export const newProgress = (now: number): Progress => ({
  phases: { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 0, transferMs: 0 },
  phase: "dns",
  phaseFrom: now,
  remoteAddress: undefined,
  certificate: undefined,
  peer: undefined,
  tls: undefined,
  lookup: undefined,
  tried: [],
});

export interface Deadline {
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly done: () => void;
}

/** One deadline over everything; a plain timer is far cheaper than composed signals at thousands of checks. */
export function withDeadline(timeoutMs: number, closing: AbortSignal, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const until = performance.now() + timeoutMs;
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  for (const signal of [closing, caller]) {
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
  }
  return {
    signal: controller.signal,
    remainingMs: () => until - performance.now(),
    done: () => {
      clearTimeout(timer);
      closing.removeEventListener("abort", abort);
      caller?.removeEventListener("abort", abort);
    },
  };
}

export function emptyFacts(progress: Progress): ExchangeFacts {
  return {
    phases: progress.phases,
    ...peerFacts(progress),
    status: undefined,
    headers: {},
    body: new Uint8Array(),
    redirects: [],
  };
}

/** Who was at the other end, and how it was found. */
export function peerFacts(progress: Progress): Pick<ExchangeFacts, PeerFact> {
  const { remoteAddress, certificate, tls, lookup, tried, peer } = progress;
  const certificateChain = peer === undefined ? undefined : () => chainOf(peer);
  return { remoteAddress, certificate, tls, lookup, addressesTried: tried, certificateChain };
}

type PeerFact = "remoteAddress" | "certificate" | "tls" | "lookup" | "addressesTried" | "certificateChain";

const hasCode = (thrown: unknown): boolean => thrown instanceof Error && "code" in thrown;

const isFailed = (thrown: unknown): thrown is Failed =>
  typeof thrown === "object" && thrown !== null && "reason" in thrown && "phase" in thrown;

/** What went wrong on the way as an EgressError; what is no failure of the way stays what it is. */
export function toError(thrown: unknown, progress: Progress, facts: ExchangeFacts, now: number): unknown {
  if (thrown instanceof SentinelError || !(isFailed(thrown) || hasCode(thrown))) return thrown;
  enter(progress, progress.phase, now);
  const why = isFailed(thrown) ? thrown : failed(reasonOf(thrown, progress.phase), progress.phase, {}, thrown);
  const known = { ...facts, ...peerFacts(progress) };
  return new EgressError(
    { reason: why.reason, params: why.params, phase: why.phase, facts: known },
    why.cause ?? thrown,
  );
}
