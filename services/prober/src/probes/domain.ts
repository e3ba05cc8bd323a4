import { Verdict } from "@sentinel/contracts";
import { EgressError, type EgressResponse, type ExchangeFacts } from "@sentinel/egress";
import { daysLeft } from "../core/days-left.ts";
import { RDAP_FALLBACK, RDAP_SERVERS } from "../core/rdap-servers.ts";
import { judgeDomain, readRegistration, registeredName, type Registration } from "../core/registration.ts";
import { type ProbeRequest, type See, Unchecked } from "./probe.ts";
import { hostOf } from "./where-to.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** While a registry does not answer, what it said last is believed this long. */
const BELIEVED_MS = 7 * DAY_MS;
const KEPT_MAX = 10_000;

/** What a registry said; `registration` is undefined for a domain that it does not know. */
interface Said {
  readonly registration: Registration | undefined;
  readonly facts: ExchangeFacts;
  readonly server: string;
}

interface Kept {
  readonly said: Said | undefined;
  readonly saidAtMs: number;
  /** Not asked again before. */
  readonly untilMs: number;
  readonly failure: Unchecked | undefined;
}

export interface RdapSources {
  /** Endings by the address of their server. */
  readonly servers: Readonly<Record<string, readonly string[]>>;
  readonly fallback: string;
}

/** Asks about a domain once a day, after a failure once an hour, whatever the interval of its monitors. */
export function createSeeDomain(sources: RdapSources): See<"domain"> {
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<Kept>>();
  const ask = async (domain: string, request: ProbeRequest): Promise<Kept> => {
    const next = await askAnew(sources, domain, kept.get(domain), request);
    // A question that stopping cut short says nothing.
    if (request.signal.aborted) return next;
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(domain, next);
    return next;
  };
  const once = (domain: string, request: ProbeRequest): Promise<Kept> => {
    const under = asking.get(domain) ?? ask(domain, request).finally(() => asking.delete(domain));
    asking.set(domain, under);
    return under;
  };
  return async (check, request) => {
    const now = request.deps.clock.now();
    const domain = registeredName(hostOf(new URL(request.endpoint.url)));
    const known = kept.get(domain);
    const fresh = known !== undefined && now < known.untilMs;
    const { said, failure } = fresh ? known : await once(domain, request);
    if (said === undefined) throw failure ?? new Unchecked("rdap_failed", { domain });
    const { registration, facts, server } = said;
    const judgement = judgeDomain(check, domain, registration, now);
    if (judgement.verdict === Verdict.UNKNOWN) throw new Unchecked(judgement.reason, judgement.params);
    return {
      facts: fresh ? { ...facts, phases: NO_TIME } : facts,
      judgement,
      look: (subject, of) => (subject === "value" ? valueOf(registration, of, now) : undefined),
      requestLine: `RDAP ${domain} (${server})`,
    };
  };
}

export const seeDomain = createSeeDomain({ servers: RDAP_SERVERS, fallback: RDAP_FALLBACK });

const NO_TIME = { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 0, transferMs: 0 };

/** Days left, or the statuses where `of` asks for them. */
function valueOf(registration: Registration | undefined, of: string, now: number): readonly string[] | undefined {
  if (of === "status") return registration?.status;
  const expiresAtMs = registration?.expiresAtMs;
  return of !== "" || expiresAtMs === undefined ? undefined : [String(daysLeft(expiresAtMs, now))];
}

async function askAnew(
  sources: RdapSources,
  domain: string,
  before: Kept | undefined,
  request: ProbeRequest,
): Promise<Kept> {
  const now = request.deps.clock.now();
  try {
    const said = await askRegistry(sources, domain, request);
    return { said, saidAtMs: now, untilMs: now + DAY_MS, failure: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Unchecked)) throw thrown;
    const believed = before !== undefined && now - before.saidAtMs < BELIEVED_MS ? before : undefined;
    const waitMs = Math.min(DAY_MS, Math.max(HOUR_MS, Number(thrown.params["retryAfterMs"] ?? 0)));
    return { said: believed?.said, saidAtMs: believed?.saidAtMs ?? 0, untilMs: now + waitMs, failure: thrown };
  }
}

/** @throws Unchecked for an answer that says nothing about the domain. */
async function askRegistry(sources: RdapSources, domain: string, request: ProbeRequest): Promise<Said> {
  const ending = domain.slice(domain.lastIndexOf(".") + 1);
  const [own] = Object.entries(sources.servers).find(([, endings]) => endings.includes(ending)) ?? [];
  if (own !== undefined) {
    const answer = await get(own, domain, request);
    if (answer.status !== 404) return readAnswer(own, domain, answer);
  }
  // Endings move to other registries: what one does not know, the fallback may, which knows the newest.
  const answer = await get(sources.fallback, domain, request);
  const unknown = answer.status === 404;
  if (unknown && own === undefined && answer.redirects.length === 0)
    throw new Unchecked("rdap_unsupported", { domain });
  return readAnswer(own ?? answer.redirects.at(-1) ?? sources.fallback, domain, answer);
}

function readAnswer(from: string, domain: string, answer: EgressResponse): Said {
  const server = new URL(from).host;
  // Contacts of people are in it, and are nobody's business here.
  const facts: ExchangeFacts = { ...answer, body: new Uint8Array() };
  if (answer.status === 404) return { registration: undefined, facts, server };
  if (answer.status === 429) {
    const seconds = Number(answer.headers["retry-after"]);
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
    throw new Unchecked("rdap_limited", { server, domain, retryAfterMs: String(retryAfterMs) });
  }
  const registration = answer.status === 200 ? readRegistration(new TextDecoder().decode(answer.body)) : undefined;
  if (registration !== undefined) return { registration, facts, server };
  throw new Unchecked("rdap_failed", { server, domain, detail: String(answer.status) });
}

async function get(server: string, domain: string, request: ProbeRequest): Promise<EgressResponse> {
  const { deps, spec, signal } = request;
  const url = `${server.replace(/\/$/, "")}/domain/${domain}`;
  const headers = { accept: "application/rdap+json, application/json" };
  try {
    return await deps.egress.request({ url, headers, maxRedirects: 3, timeoutMs: spec.timeoutMs, signal });
  } catch (thrown) {
    if (!(thrown instanceof EgressError)) throw thrown;
    // The registry's trouble is not the domain's.
    throw new Unchecked("rdap_failed", { server: new URL(server).host, domain, detail: thrown.failure.reason });
  }
}
