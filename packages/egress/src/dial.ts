import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls, type DetailedPeerCertificate, type SecureVersion, type TLSSocket } from "node:tls";
import type { AddressVerdict } from "./address-policy.ts";
import { namesIn } from "./certificate-chain.ts";
import type {
  AgreedTls,
  EgressPhases,
  Lookup,
  PeerCertificateFacts,
  PhaseName,
  TlsSettings,
  TriedAddress,
} from "./egress.ts";
import { reasonOf } from "./reason.ts";
import type { Resolve } from "./resolve.ts";

export interface Failed {
  readonly reason: string;
  readonly phase: PhaseName;
  readonly params: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Progress of one exchange: the phase under way and when it began, so that a hang is charged where it hangs. */
export interface Progress {
  readonly phases: EgressPhases;
  phase: PhaseName;
  phaseFrom: number;
  remoteAddress: string | undefined;
  certificate: PeerCertificateFacts | undefined;
  /** The server's own, which leads to those that it showed with it. */
  peer: DetailedPeerCertificate | undefined;
  tls: AgreedTls | undefined;
  lookup: Lookup | undefined;
  tried: TriedAddress[];
}

/** What is known from here on is of another hop, should that fail. */
export function forgetHop(progress: Progress): void {
  progress.remoteAddress = undefined;
  progress.lookup = undefined;
  progress.tried = [];
  forgetTls(progress);
}

export function forgetTls(progress: Progress): void {
  progress.certificate = undefined;
  progress.peer = undefined;
  progress.tls = undefined;
}

/** More than a person reads; the first ones say enough. */
const MOST_TRIED = 8;

/** Keeps that an address was tried, since when and with which outcome. */
export function noteTried(progress: Progress, tried: Omit<TriedAddress, "durationMs">, durationMs: number): void {
  if (progress.tried.length < MOST_TRIED) progress.tried.push({ ...tried, durationMs });
}

const FIELD: Readonly<Record<PhaseName, keyof EgressPhases>> = {
  dns: "dnsMs",
  connect: "connectMs",
  tls: "tlsMs",
  first_byte: "firstByteMs",
  transfer: "transferMs",
};

/** Charges the time since the phase began to it, and enters the next. */
export function enter(progress: Progress, next: PhaseName, now: number): void {
  progress.phases[FIELD[progress.phase]] += now - progress.phaseFrom;
  progress.phase = next;
  progress.phaseFrom = now;
}

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined for a plain connection. */
  readonly tls: TlsSettings | undefined;
  readonly ipFamily?: 4 | 6 | undefined;
  /** Takes what comes instead of the stream; only for a plain connection, on which one request is written at once. */
  readonly onread?: OnReadOpts | undefined;
  readonly resolve: Resolve;
  readonly judge: (address: string) => AddressVerdict;
  readonly remainingMs: () => number;
  readonly monotonic: () => number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Resolves the name, judges each address and connects to the first that answers; the literal address is dialled. */
export async function dial(options: DialOptions): Promise<Socket | TLSSocket> {
  const socket = await firstThatConnects(options, await allowedAddresses(options));
  if (options.tls === undefined) return socket;
  enter(options.progress, "tls", options.monotonic());
  return secure(options, socket, options.tls);
}

/** The addresses of the host that may be dialled, of the family asked for; the phase is then connecting. */
export async function allowedAddresses(options: Omit<DialOptions, "tls">): Promise<readonly string[]> {
  const { progress, monotonic } = options;
  enter(progress, "dns", monotonic());
  const from = monotonic();
  const resolving = options.resolve(options.host, Math.max(1, options.remainingMs()));
  const resolution = await withAbort(resolving, options.signal, () =>
    failed("timeout_in_dns", "dns", { host: options.host }),
  );
  if (resolution.answer !== undefined) {
    const outcome = resolution.ok ? "" : resolution.reason;
    progress.lookup = { ...resolution.answer, outcome, durationMs: monotonic() - from };
  }
  if (!resolution.ok) throw failed(resolution.reason, "dns", { host: resolution.detail });
  enter(progress, "connect", monotonic());
  // One forbidden address among allowed ones is how rebinding looks: the whole answer is refused.
  const refused = resolution.addresses.find((address) => options.judge(address) !== "allowed");
  if (refused !== undefined) throw failed(options.judge(refused), "connect", { host: options.host, address: refused });
  const { ipFamily } = options;
  const wanted = resolution.addresses.filter((each) => ipFamily === undefined || isIP(each) === ipFamily);
  if (wanted.length === 0) throw failed("dns_no_address", "dns", { host: options.host });
  return wanted;
}

export function failed(
  reason: string,
  phase: PhaseName,
  params: Readonly<Record<string, string>>,
  cause?: unknown,
): Failed {
  return { reason, phase, params, ...(cause === undefined ? {} : { cause }) };
}

async function firstThatConnects(options: DialOptions, addresses: readonly string[]): Promise<Socket> {
  const { progress, port, monotonic } = options;
  let why: { readonly failed: Failed; readonly remote: string } | undefined;
  for (const address of addresses) {
    const remote = address.includes(":") ? `[${address}]:${options.port}` : `${address}:${options.port}`;
    progress.remoteAddress = remote;
    const from = monotonic();
    try {
      const socket = await connected(options, address);
      noteTried(progress, { address, port, outcome: "" }, monotonic() - from);
      return socket;
    } catch (thrown) {
      const reason = options.signal.aborted ? "timeout_in_connect" : reasonOf(thrown, "connect");
      noteTried(progress, { address, port, outcome: reason }, monotonic() - from);
      const params = { host: options.host, port: String(port), address };
      // A missing route for one family says less than what the other family answered.
      if (why === undefined || why.failed.reason === "connect_unreachable")
        why = { failed: failed(reason, "connect", params, thrown), remote };
      if (options.signal.aborted) break;
    }
  }
  progress.remoteAddress = why?.remote;
  throw why?.failed ?? failed("dns_no_address", "dns", { host: options.host });
}

/** The outcome of the work, or a failure as soon as the signal ends. */
export function withAbort<T>(work: Promise<T>, signal: AbortSignal, why: () => Failed): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(why());
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function connected(options: DialOptions, address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { port, onread } = options;
    const socket = connectTcp(
      onread === undefined ? { host: address, port, noDelay: true } : { host: address, port, onread },
    );
    const abort = (): void => {
      socket.destroy();
      reject(new Error("deadline"));
    };
    options.signal.addEventListener("abort", abort, { once: true });
    if (options.signal.aborted) abort();
    socket.once("connect", () => {
      options.signal.removeEventListener("abort", abort);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error) => {
      options.signal.removeEventListener("abort", abort);
      socket.destroy();
      reject(error);
    });
  });
}

export function secure(
  options: Pick<DialOptions, "host" | "progress" | "signal">,
  socket: Socket,
  settings: TlsSettings,
): Promise<TLSSocket> {
  const { progress } = options;
  return new Promise((resolve, reject) => {
    const name = settings.serverName ?? options.host;
    const bare = name.replace(/^\[|\]$/g, "");
    // Verified below by hand, so that the certificate of a refused handshake is still evidence.
    const tls = connectTls({
      socket,
      rejectUnauthorized: false,
      ...(isIP(bare) === 0 ? { servername: name.replace(/\.$/, "") } : {}),
      host: bare,
      ca: settings.authorities,
      cert: settings.certificate,
      key: settings.key,
      minVersion: tlsVersion(settings.minVersion),
      ALPNProtocols: [...(settings.protocols ?? ["http/1.1"])],
    });
    const fail = (reason: string, cause?: unknown): void => {
      tls.destroy();
      reject(
        failed(
          reason,
          "tls",
          { host: reason === "tls_hostname" ? bare : options.host, ...certificateParams(progress.certificate) },
          cause,
        ),
      );
    };
    const abort = (): void => fail("timeout_in_tls");
    options.signal.addEventListener("abort", abort, { once: true });
    if (options.signal.aborted) abort();
    tls.once("error", (error) => fail(reasonOf(error, "tls"), error));
    tls.once("secureConnect", () => {
      options.signal.removeEventListener("abort", abort);
      progress.certificate = certificateFacts(tls);
      progress.peer = tls.getPeerCertificate(true);
      progress.tls = agreedTls(tls, settings.wholeChain === true);
      const refusal = tls.authorized || settings.skipVerify === true ? undefined : tls.authorizationError;
      if (refusal !== undefined && refusal !== null) {
        const code = typeof refusal === "object" && "code" in refusal ? refusal.code : refusal;
        fail(reasonOf({ code }, "tls"), refusal);
        return;
      }
      tls.removeAllListeners("error");
      resolve(tls);
    });
  });
}

const TLS_VERSIONS: readonly SecureVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** "1.0" and the others as Node names them. */
const tlsVersion = (version: string | undefined): SecureVersion | undefined =>
  version === undefined ? undefined : TLS_VERSIONS.find((each) => each === `TLSv${version}`.replace(/\.0$/, ""));

function certificateFacts(tls: TLSSocket): PeerCertificateFacts | undefined {
  const peer = tls.getPeerCertificate();
  if (peer.fingerprint256 === undefined) return undefined;
  return {
    subject: String(peer.subject?.CN ?? ""),
    issuer: String(peer.issuer?.CN ?? peer.issuer?.O ?? ""),
    validFromMs: Date.parse(peer.valid_from),
    validToMs: Date.parse(peer.valid_to),
    fingerprint256: peer.fingerprint256,
    names: namesIn(peer.subjectaltname ?? ""),
  };
}

function agreedTls(tls: TLSSocket, wholeChain: boolean): AgreedTls {
  const { name, standardName } = tls.getCipher();
  const agreed = { protocol: tls.getProtocol() ?? "", cipher: name, standardCipher: standardName };
  return wholeChain ? { ...agreed, chain: chainOf(tls), trusted: tls.authorized } : agreed;
}

/** The certificate shown and its issuers, up to the one that is its own. */
function chainOf(tls: TLSSocket): readonly Uint8Array[] {
  const chain = new Map<string, Uint8Array>();
  let each: DetailedPeerCertificate | undefined = tls.getPeerCertificate(true);
  while (each?.fingerprint256 !== undefined && !chain.has(each.fingerprint256)) {
    chain.set(each.fingerprint256, each.raw);
    each = each.issuerCertificate;
  }
  return [...chain.values()];
}

function certificateParams(certificate: PeerCertificateFacts | undefined): Readonly<Record<string, string>> {
  if (certificate === undefined) return {};
  return {
    certificateExpiredOn: new Date(certificate.validToMs).toISOString().slice(0, 10),
    certificateSubject: certificate.subject,
  };
}
