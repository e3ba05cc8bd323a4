import { type Egress, EgressError, type EgressRequest, type EgressResponse } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";

/** What a site of the memory network is asked. */
export interface MemoryRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface MemoryAnswer {
  readonly status: number;
  readonly body?: string;
  /** How long it takes; at once when absent. */
  readonly afterMs?: number;
}

/** Undefined: nothing listens there. */
export type MemorySite = (request: MemoryRequest) => MemoryAnswer | undefined;

/**
 * A network inside the process, for simulations under a virtual clock: sites by origin, and an egress that reaches
 * them. What the real egress promises of addresses, bytes and redirects is proved by its own tests.
 */
export function createMemoryNetwork(clock: Clock): {
  readonly egress: Egress;
  serve(origin: string, site: MemorySite): void;
} {
  const sites = new Map<string, MemorySite>();
  const request = async (asked: EgressRequest): Promise<EgressResponse> => {
    const url = new URL(asked.url);
    const answer = sites.get(url.origin)?.(readRequest(url, asked));
    if (answer === undefined) throw failure("connect_refused", "connect");
    const afterMs = answer.afterMs ?? 0;
    await clock.sleep(Math.min(afterMs, asked.timeoutMs), asked.signal);
    if (afterMs > asked.timeoutMs || asked.signal?.aborted === true)
      throw failure("timeout_in_first_byte", "first_byte");
    return { ...nothing, status: answer.status, body: new TextEncoder().encode(answer.body ?? "") };
  };
  const refused = (): Promise<never> => Promise.reject(failure("connect_refused", "connect"));
  return {
    egress: {
      request,
      connect: refused,
      converse: refused,
      datagram: refused,
      address: refused,
      close: () => undefined,
    },
    serve: (origin, site) => void sites.set(origin, site),
  };
}

function readRequest(url: URL, asked: EgressRequest): MemoryRequest {
  const headers = Object.entries(asked.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const { body = "" } = asked;
  return {
    url,
    method: asked.method ?? "GET",
    headers: Object.fromEntries(headers),
    body: typeof body === "string" ? body : new TextDecoder().decode(body),
  };
}

const nothing = {
  phases: { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 1, transferMs: 0 },
  remoteAddress: "192.0.2.1:80",
  status: undefined,
  httpVersion: "1.1",
  headers: {},
  body: new Uint8Array(),
  certificate: undefined,
  redirects: [],
};

const failure = (reason: string, phase: "connect" | "first_byte"): EgressError =>
  new EgressError({ reason, params: {}, phase, facts: nothing });
