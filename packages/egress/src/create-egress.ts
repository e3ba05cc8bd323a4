import { type ClientRequest, type IncomingMessage, request as startRequest } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "@sentinel/service-kit";
import { createAddressPolicy } from "./address-policy.ts";
import { attempt, type Deadline, emptyFacts, newProgress, type Shared, toError, withDeadline } from "./attempt.ts";
import { converse, datagram } from "./converse.ts";
import { allowedAddresses, dial, enter, failed, type Progress, withAbort } from "./dial.ts";
import type { DialTarget, Egress, EgressPolicy, EgressRequest, EgressResponse, ExchangeFacts } from "./egress.ts";
import { readBody } from "./read-body.ts";
import { reasonOf } from "./reason.ts";
import { createResolve, type Resolve } from "./resolve.ts";

const MAX_HEADER_BYTES = 16 * 1024;
const DEFAULT_MAX_BODY = 1_000_000;
const DEFAULT_MAX_RATIO = 20;
const SENSITIVE = new Set(["authorization", "cookie", "proxy-authorization"]);

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
    request: (request) => exchange(request, shared, closing.signal),
    connect: ({ host, port, tls, timeoutMs, signal }) =>
      attempt({ timeoutMs, signal }, shared, closing.signal, (under) =>
        dial({ ...under, host, port, tls: tls ? {} : undefined }),
      ).then(({ value }) => value),
    converse: (target, talk) =>
      attempt(target, shared, closing.signal, (under) => converse({ ...under, ...pick(target) }, target.tls, talk)),
    datagram: (target) =>
      attempt(target, shared, closing.signal, (under) => datagram({ ...under, ...pick(target) }, target.payload)),
    address: (target) =>
      attempt(target, shared, closing.signal, async (under) => {
        const [address = ""] = await allowedAddresses({ ...under, ...pick(target) });
        return address;
      }),
    close: () => closing.abort(),
  };
}

const pick = ({ host, port, ipFamily }: DialTarget) => ({ host, port, ipFamily });

interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | undefined;
}

async function exchange(request: EgressRequest, shared: Shared, closing: AbortSignal): Promise<EgressResponse> {
  const progress = newProgress(shared.monotonic());
  const deadline = withDeadline(request.timeoutMs, closing, request.signal);
  const redirects: string[] = [];
  let facts: ExchangeFacts = emptyFacts(progress);
  let keep: Uint8Array[] = [];
  try {
    let hop: Hop = {
      url: parseTarget(request.url),
      method: request.method ?? "GET",
      headers: request.headers ?? {},
      body: request.body,
    };
    for (;;) {
      keep = [];
      const response = await send(hop, {
        ...shared,
        progress,
        deadline,
        request,
        keep,
        learn: (head) => {
          const headers = withoutCredentials(head.headers);
          facts = { ...emptyFacts(progress), status: head.status, headers, redirects };
        },
      });
      facts = {
        ...facts,
        body: Buffer.concat(keep),
        remoteAddress: progress.remoteAddress,
        certificate: progress.certificate,
      };
      const next = nextHop(hop, response.status, response.headers["location"], redirects, request.maxRedirects ?? 0);
      if (next === undefined) return { ...facts, status: response.status, httpVersion: response.httpVersion };
      redirects.push(next.url.href);
      hop = next;
      // What is known from here on is of the next hop, should that fail.
      progress.remoteAddress = undefined;
      progress.certificate = undefined;
      facts = emptyFacts(progress);
    }
  } catch (thrown) {
    const body = Buffer.concat(keep);
    throw toError(thrown, progress, { ...facts, phases: progress.phases, body, redirects }, shared.monotonic());
  } finally {
    deadline.done();
  }
}

/** @throws Failed for what is not an address we dial. */
function parseTarget(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw failed("bad_url", "dns", {});
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw failed("scheme_not_allowed", "dns", { scheme: url.protocol.replace(":", "") });
  if (url.username !== "" || url.password !== "") throw failed("credentials_in_url", "dns", { host: url.host });
  return url;
}

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly httpVersion: string;
}

interface SendOptions extends Shared {
  readonly progress: Progress;
  readonly deadline: Deadline;
  readonly request: EgressRequest;
  readonly keep: Uint8Array[];
  readonly learn: (head: Head) => void;
}

async function send(hop: Hop, options: SendOptions): Promise<Head> {
  const { progress, deadline, monotonic } = options;
  const tls = hop.url.protocol === "https:";
  const socket = await dial({
    ...options,
    host: hop.url.hostname,
    port: hop.url.port === "" ? (tls ? 443 : 80) : Number(hop.url.port),
    tls: tls ? {} : undefined,
    signal: deadline.signal,
    remainingMs: deadline.remainingMs,
  });
  try {
    enter(progress, "first_byte", monotonic());
    const response = await answered(hop, socket, deadline.signal);
    enter(progress, "transfer", monotonic());
    const head = { status: response.statusCode ?? 0, headers: flat(response), httpVersion: response.httpVersion };
    options.learn(head);
    await withAbort(
      readBody(
        response,
        {
          maxBytes: options.request.maxBodyBytes ?? DEFAULT_MAX_BODY,
          maxRatio: options.request.maxRatio ?? DEFAULT_MAX_RATIO,
        },
        options.keep,
      ),
      deadline.signal,
      () => failed("timeout_in_transfer", "transfer", {}),
    );
    enter(progress, "transfer", monotonic());
    return head;
  } finally {
    socket.destroy();
  }
}

function answered(hop: Hop, socket: Socket, signal: AbortSignal): Promise<IncomingMessage> {
  const sending: ClientRequest = startRequest({
    method: hop.method,
    path: `${hop.url.pathname}${hop.url.search}`,
    headers: { host: hop.url.host, "user-agent": "Sentinel/0.1", accept: "*/*", connection: "close", ...hop.headers },
    createConnection: () => socket,
    maxHeaderSize: MAX_HEADER_BYTES,
    setHost: false,
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once("response", resolve);
    // A switched protocol is no HTTP answer.
    sending.once("upgrade", () => reject(failed("protocol", "first_byte", { detail: "upgrade" })));
    sending.on("error", (error) => reject(failed(reasonOf(error, "first_byte"), "first_byte", {}, error)));
  });
  sending.end(hop.body);
  return withAbort(response, signal, () => {
    sending.destroy();
    return failed("timeout_in_first_byte", "first_byte", {});
  });
}

function flat(response: IncomingMessage): Readonly<Record<string, string>> {
  const entries = Object.entries(response.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return Object.fromEntries(entries);
}

/** Facts are kept and shown, so an address in them holds no user name and no password. */
function withoutCredentials(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { location } = headers;
  return location === undefined ? headers : { ...headers, location: location.replace(/\/\/[^/?#]*@/, "//") };
}

function nextHop(
  hop: Hop,
  status: number,
  location: string | undefined,
  seen: readonly string[],
  max: number,
): Hop | undefined {
  if (max === 0 || ![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const target = URL.parse(location, hop.url.href);
  if (target === null) throw failed("protocol", "transfer", { detail: "location" });
  const url = parseTarget(target.href);
  if (url.href === hop.url.href || seen.includes(url.href))
    throw failed("redirect_loop", "transfer", { url: url.href });
  if (seen.length >= max) throw failed("too_many_redirects", "transfer", { limit: String(max) });
  const sameOrigin = url.origin === hop.url.origin;
  const headers = sameOrigin
    ? hop.headers
    : Object.fromEntries(Object.entries(hop.headers).filter(([name]) => !SENSITIVE.has(name.toLowerCase())));
  const keepsMethod = status === 307 || status === 308 || hop.method === "HEAD";
  return { url, headers, method: keepsMethod ? hop.method : "GET", body: keepsMethod ? hop.body : undefined };
}
