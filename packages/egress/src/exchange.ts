import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { type Deadline, emptyFacts, newProgress, peerFacts, type Shared, toError, withDeadline } from "./attempt.ts";
import { askSimply, simpleRequest } from "./ask-simply.ts";
import { dial, type DialOptions, enter, failed, forgetHop, type Progress, secure, withAbort } from "./dial.ts";
import type { EgressRequest, EgressResponse, ExchangeFacts, TlsSettings } from "./egress.ts";
import { type Answer, askHttp1, type Asked } from "./http1.ts";
import { askHttp2 } from "./http2.ts";
import { dialThrough, type Way } from "./proxy.ts";
import { readBody } from "./read-body.ts";
import type { SimpleHead } from "./simple-head.ts";
import { createWire } from "./wire.ts";

const DEFAULT_MAX_BODY = 1_000_000;
const DEFAULT_MAX_RATIO = 20;
const SENSITIVE: readonly string[] = ["authorization", "cookie", "proxy-authorization"];
const USUAL_HEADERS = { "user-agent": "Sentinel/0.1", accept: "*/*" };

interface Hop extends Asked {
  readonly tls: TlsSettings;
}

/** What HTTP needs besides: whether proxies are given judged addresses instead of names. */
type Ways = Shared & { readonly pinned: boolean };

/** Asks and follows redirects under one deadline. @throws EgressError */
export async function exchange(request: EgressRequest, shared: Ways, closing: AbortSignal): Promise<EgressResponse> {
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
      tls: request.tls ?? {},
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
          const { status, httpVersion } = head;
          facts = { ...emptyFacts(progress), status, httpVersion, headers, redirects };
        },
      });
      facts = {
        ...facts,
        body: Buffer.concat(keep),
        ...peerFacts(progress),
      };
      const next = nextHop(hop, response.status, response.headers["location"], redirects, request);
      if (next === undefined) return { ...facts, status: response.status, httpVersion: response.httpVersion };
      redirects.push(next.url.href);
      hop = next;
      forgetHop(progress);
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

type Head = Omit<Answer, "body">;

interface SendOptions extends Ways {
  readonly progress: Progress;
  readonly deadline: Deadline;
  readonly request: EgressRequest;
  readonly keep: Uint8Array[];
  readonly learn: (head: Head) => void;
}

async function send(hop: Hop, options: SendOptions): Promise<Head> {
  const { progress, deadline, monotonic, request } = options;
  const asked = { ...hop, headers: { ...USUAL_HEADERS, ...hop.headers } };
  const simple = isPlain(hop, request) ? simpleRequest(asked) : undefined;
  if (simple !== undefined) return await sendSimply(asked, simple, options);
  const { socket, absoluteForm } = await wayTo(hop, options);
  try {
    enter(progress, "first_byte", monotonic());
    return await whole(
      speaksHttp2(request, socket)
        ? askHttp2(asked, socket, deadline.signal)
        : askHttp1(asked, socket, deadline.signal, absoluteForm),
      options,
    );
  } finally {
    socket.destroy();
  }
}

const isPlain = ({ url }: Hop, { proxy, httpVersion }: EgressRequest): boolean =>
  url.protocol === "http:" && proxy === undefined && httpVersion !== "2";

/** The cheap way, which leaves to the other whatever answer is not of the plainest kind. */
async function sendSimply(asked: Hop, request: string, options: SendOptions): Promise<Head> {
  const { progress, deadline, monotonic, keep } = options;
  const wire = createWire();
  const socket = await dial({ ...targetOf(asked, options), tls: undefined, onread: wire.onread });
  try {
    enter(progress, "first_byte", monotonic());
    let head: SimpleHead | undefined;
    const onHead = (came: SimpleHead): void => {
      enter(progress, "transfer", monotonic());
      options.learn(came);
      head = came;
    };
    const maxBytes = options.request.maxBodyBytes ?? DEFAULT_MAX_BODY;
    const asking = askSimply(socket, wire, { request, method: asked.method, maxBytes, onHead, keep });
    const rest = await withAbort(asking, deadline.signal, () =>
      head === undefined
        ? failed("timeout_in_first_byte", "first_byte", {})
        : failed("timeout_in_transfer", "transfer", {}),
    );
    if (rest !== undefined) return await whole(askHttp1(asked, rest, deadline.signal, false), options);
    enter(progress, "transfer", monotonic());
    return head ?? NO_HEAD;
  } finally {
    socket.destroy();
  }
}

/** Never: an answer that is whole has a head. */
const NO_HEAD: Head = { status: 0, headers: {}, httpVersion: "" };

/** Reads the answer to its end. */
async function whole(answering: Promise<Answer>, options: SendOptions): Promise<Head> {
  const { progress, deadline, monotonic, request } = options;
  const answer = await answering;
  enter(progress, "transfer", monotonic());
  options.learn(answer);
  const limits = {
    maxBytes: request.maxBodyBytes ?? DEFAULT_MAX_BODY,
    maxRatio: request.maxRatio ?? DEFAULT_MAX_RATIO,
  };
  const coded = request.rawBody === true ? { ...answer.body, encoding: undefined } : answer.body;
  await withAbort(readBody(coded, limits, options.keep), deadline.signal, () =>
    failed("timeout_in_transfer", "transfer", {}),
  );
  enter(progress, "transfer", monotonic());
  return answer;
}

const OFFERED = { "1.1": ["http/1.1"], "2": ["h2"], any: ["h2", "http/1.1"] } as const;

/** Where either would do, the server has chosen. */
const speaksHttp2 = ({ httpVersion }: EgressRequest, socket: Socket): boolean =>
  httpVersion === "2" || (httpVersion === "any" && socket instanceof TLSSocket && socket.alpnProtocol === "h2");

/** A connection to the origin of the hop, secured where it asks for it, directly or through the proxy. */
async function wayTo(hop: Hop, options: SendOptions): Promise<Way> {
  const { request, progress } = options;
  const secured = hop.url.protocol === "https:";
  const target = targetOf(hop, options);
  const tls = secured ? { ...hop.tls, protocols: OFFERED[request.httpVersion ?? "1.1"] } : undefined;
  if (request.proxy === undefined) return { socket: await dial({ ...target, tls }), absoluteForm: false };
  const way = await dialThrough(request.proxy, target, secured || request.httpVersion === "2");
  if (tls === undefined) return way;
  enter(progress, "tls", options.monotonic());
  return { ...way, socket: await secure(target, way.socket, tls) };
}

function targetOf({ url }: Asked, options: SendOptions): Omit<DialOptions, "tls"> & Pick<Ways, "pinned"> {
  const { request, deadline, resolve, judge, monotonic, progress, pinned } = options;
  const usual = url.protocol === "https:" ? 443 : 80;
  return {
    host: url.hostname,
    port: url.port === "" ? usual : Number(url.port),
    ipFamily: request.ipFamily,
    signal: deadline.signal,
    remainingMs: deadline.remainingMs,
    resolve,
    judge,
    monotonic,
    progress,
    pinned,
  };
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
  request: EgressRequest,
): Hop | undefined {
  const max = request.maxRedirects ?? 0;
  if (max === 0 || ![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const target = URL.parse(location, hop.url.href);
  if (target === null) throw failed("protocol", "transfer", { detail: "location" });
  const url = parseTarget(target.href);
  if (url.href === hop.url.href || seen.includes(url.href))
    throw failed("redirect_loop", "transfer", { url: url.href });
  if (seen.length >= max) throw failed("too_many_redirects", "transfer", { limit: String(max) });
  const keepsMethod = status === 307 || status === 308 || hop.method === "HEAD";
  const sameOrigin = url.origin === hop.url.origin;
  if (!sameOrigin && keepsMethod && hop.body !== undefined && request.secretBody === true) return undefined;
  return {
    ...(sameOrigin ? { headers: hop.headers, tls: hop.tls } : forOtherOrigin(hop, request)),
    url,
    method: keepsMethod ? hop.method : "GET",
    body: keepsMethod ? hop.body : undefined,
  };
}

/** Whatever proves who we are stays with the origin that it was meant for. */
function forOtherOrigin({ headers, tls }: Hop, { secretHeaders = [] }: EgressRequest): Pick<Hop, "headers" | "tls"> {
  const held = new Set([...SENSITIVE, ...secretHeaders.map((name) => name.toLowerCase())]);
  const { certificate: _certificate, key: _key, serverName: _serverName, ...rest } = tls;
  return {
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !held.has(name.toLowerCase()))),
    tls: rest,
  };
}
