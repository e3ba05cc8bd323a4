import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** Which addresses may be dialled. Cloud metadata ranges are refused always, whatever is allowed. */
export interface EgressPolicy {
  /** Loopback, private and link-local targets: on for a person's own machine, off in distributed mode. */
  readonly allowPrivate: boolean;
  /** CIDR ranges allowed besides public unicast, such as "10.1.0.0/16". */
  readonly allowCidrs: readonly string[];
}

export interface EgressPhases {
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
  firstByteMs: number;
  transferMs: number;
}

export type PhaseName = "dns" | "connect" | "tls" | "first_byte" | "transfer";

export interface EgressRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** One deadline for everything: resolution, redirects, the last byte. */
  readonly timeoutMs: number;
  /** Redirects to follow; each hop is checked as the first was. Default 0: a redirect is an answer like any other. */
  readonly maxRedirects?: number;
  /** Bytes of body after decoding; more is `body_too_large`. Default 1 MB. */
  readonly maxBodyBytes?: number;
  /** Decoded bytes per received byte; more is `decompression_bomb`. Default 20. */
  readonly maxRatio?: number;
  /** How connections by https are secured. What this side shows of itself is shown to the first origin only. */
  readonly tls?: TlsSettings;
  /** Only addresses of this family. */
  readonly ipFamily?: 4 | 6;
  /**
   * "http://", "https://" or "socks5://" with host and port. Its own address is judged as any other; the target's too where
   * it is a literal one, and for SOCKS always, since the name is resolved here. An HTTP proxy resolves names itself, unless
   * private targets are forbidden: then it, too, is given the address that was judged, by a tunnel also for plain HTTP.
   */
  readonly proxy?: string;
  /** Default "1.1"; "any" leaves the choice to the server, by ALPN, and is 1.1 without TLS. */
  readonly httpVersion?: "1.1" | "2" | "any";
  /** True for a body as it came, whatever its content coding; the limits then count what came. */
  readonly rawBody?: boolean;
  /** Names of headers that hold secrets: sent to the first origin only. */
  readonly secretHeaders?: readonly string[];
  /** True for a body with secrets: a redirect that would carry it to another origin is not followed. */
  readonly secretBody?: boolean;
  readonly signal?: AbortSignal;
}

export interface PeerCertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly fingerprint256: string;
  readonly names: readonly string[];
}

/** What the two sides of a secured connection agreed on. */
export interface AgreedTls {
  /** "TLSv1.3" and the like. */
  readonly protocol: string;
  /** As OpenSSL names it, such as "ECDHE-RSA-AES128-GCM-SHA256". */
  readonly cipher: string;
  /** As the standard names it, such as "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256". */
  readonly standardCipher: string;
  /** DER of the certificates, the server's own first; only where `wholeChain` was asked for. */
  readonly chain?: readonly Uint8Array[];
  /** True where the chain was found to be trusted, also when that was not demanded. */
  readonly trusted?: boolean;
}

/** What is known of an exchange, also of a failed one. */
export interface ExchangeFacts {
  readonly phases: EgressPhases;
  readonly remoteAddress: string | undefined;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Such as "1.1" and "2"; absent while no head came. */
  readonly httpVersion?: string;
  /** What arrived of the decoded body, at most `maxBodyBytes`. */
  readonly body: Uint8Array;
  readonly certificate: PeerCertificateFacts | undefined;
  /** Absent for a plain connection. */
  readonly tls?: AgreedTls | undefined;
  /** Addresses redirected to, in order. */
  readonly redirects: readonly string[];
  /** Addresses connected to or tried, in order, of the last hop; at most 8. */
  readonly addressesTried?: readonly TriedAddress[];
  /** What the name of the last hop led to; absent where it is an address itself. */
  readonly lookup?: Lookup | undefined;
  /** What the server showed, its own certificate first, at most 6; worked out when asked for. */
  readonly certificateChain?: (() => readonly PeerCertificateFacts[]) | undefined;
}

export interface TriedAddress {
  readonly address: string;
  readonly port: number;
  /** A code of the reason table; empty when it took the connection. */
  readonly outcome: string;
  readonly durationMs: number;
}

/** What a name server, or what stands for one, said. */
export interface LookupAnswer {
  readonly name: string;
  /** At most 16. */
  readonly records: readonly { readonly type: string; readonly value: string; readonly ttlSeconds: number }[];
  /** The name servers that may have been asked, or "/etc/hosts"; empty where the name says by itself where it leads. */
  readonly resolver: string;
  readonly fromCache: boolean;
}

export interface Lookup extends LookupAnswer {
  /** A code of the reason table; empty when there was an answer. */
  readonly outcome: string;
  readonly durationMs: number;
}

export interface EgressResponse extends ExchangeFacts {
  readonly status: number;
  /** Such as "1.1" and "2". */
  readonly httpVersion: string;
}

/**
 * Thrown when no whole answer came. `code` of the error is `egress_failed`; `reason` is a code of the reason table, such as
 * `connect_refused`, and the time is charged to the phase in progress.
 */
export interface EgressFailure {
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;
  readonly phase: PhaseName;
  readonly facts: ExchangeFacts;
}

/** How a connection is secured; texts are PEM. */
export interface TlsSettings {
  /** Name asked for and checked; the host when absent. */
  readonly serverName?: string;
  readonly skipVerify?: boolean;
  /** Trusted instead of the system's authorities. */
  readonly authorities?: string;
  /** Certificate and key that this side shows. */
  readonly certificate?: string;
  readonly key?: string;
  /** "1.0" to "1.3". */
  readonly minVersion?: string;
  /** Protocols offered by ALPN. */
  readonly protocols?: readonly string[];
  /** Keeps the certificates of the whole chain among the facts. */
  readonly wholeChain?: boolean;
}

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  /** One deadline for everything. */
  readonly timeoutMs: number;
  /** Only addresses of this family. */
  readonly ipFamily?: 4 | 6;
  readonly signal?: AbortSignal;
}

/** A checked connection under way, and where its time goes. */
export interface Conversation {
  /** Plain, or TLS once secured. */
  socket(): Socket | TLSSocket;
  /** Secures the connection, as after STARTTLS. @throws what `converse` gives on as EgressError */
  secure(settings: TlsSettings): Promise<void>;
  /** Charges the time since the last phase began to it, and enters the next. */
  enter(phase: "first_byte" | "transfer"): void;
  /** The failure to throw for an answer that is wrong, such as `protocol` or `auth_refused`. */
  failure(reason: string, params?: Readonly<Record<string, string>>): Error;
  /** Milliseconds left of the deadline. */
  remainingMs(): number;
}

/** What is known of a connection, also of a failed one; its HTTP fields are empty. */
export interface Conversed<T> {
  readonly value: T;
  readonly facts: ExchangeFacts;
}

/** The only way out: every connection to an address somebody typed. */
export interface Egress {
  /** @throws EgressError carrying an EgressFailure. */
  request(request: EgressRequest): Promise<EgressResponse>;
  /** A checked TCP connection, plain or TLS, for protocols with a client of their own (SMTP). @throws EgressError */
  connect(options: {
    readonly host: string;
    readonly port: number;
    readonly tls: boolean;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  }): Promise<Socket | TLSSocket>;
  /**
   * Connects, lets `talk` speak its protocol, and closes. Silence past the deadline is `timeout_in_<phase>`, a broken
   * connection the reason of its phase. @throws EgressError
   */
  converse<T>(
    target: DialTarget & { readonly tls: TlsSettings | undefined },
    talk: (conversation: Conversation) => Promise<T>,
  ): Promise<Conversed<T>>;
  /**
   * Sends one datagram and waits for the answer; a closed port is `connect_refused`, silence `timeout_no_answer`.
   * Answers that `accepts` turns down are passed over, as if nobody had sent them.
   * @throws EgressError
   */
  datagram(
    target: DialTarget & { readonly payload: Uint8Array; readonly accepts?: (answer: Uint8Array) => boolean },
  ): Promise<Conversed<Uint8Array>>;
  /** The address that would be dialled, for programs that dial themselves (ping). @throws EgressError */
  address(target: DialTarget): Promise<Conversed<string>>;
  close(): void;
}
