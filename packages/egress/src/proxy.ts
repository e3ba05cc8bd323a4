import { isIP, type Socket } from "node:net";
import { allowedAddresses, dial, type DialOptions, type Failed, failed, forgetTls, withAbort } from "./dial.ts";

type Target = Omit<DialOptions, "tls"> & {
  /** True where an HTTP proxy, too, is given the address that was judged and no name. */
  readonly pinned: boolean;
};

/** The way to the target: an open connection, and whether it leads to a proxy that is to be asked for the whole address. */
export interface Way {
  readonly socket: Socket;
  readonly absoluteForm: boolean;
}

const USUAL_PORT: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "socks5:": 1080 };
/** What the policy says stays as it is; whatever else keeps us from the proxy is the proxy's failure. */
const OF_POLICY = new Set(["address_forbidden", "address_metadata"]);
const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * Connects through a proxy whose own address is judged as any other. A SOCKS proxy is given an address that we resolved and
 * judged. So is an HTTP proxy where the target is pinned, always by a tunnel; elsewhere it is given the name and resolves it
 * itself, so that only a literal address can be judged.
 * @param tunnel false for plain HTTP, for which an HTTP proxy is asked for the whole address unless the target is pinned.
 */
export async function dialThrough(proxy: string, target: Target, tunnel: boolean): Promise<Way> {
  const url = parseProxy(proxy);
  const socks = url.protocol === "socks5:";
  const bare = target.host.replace(/^\[|\]$/g, "");
  const judged = socks || target.pinned || isIP(bare) !== 0;
  const [address = bare] = judged ? await allowedAddresses(target) : [];
  const tunnels = tunnel || target.pinned;
  const socket = await dialProxy(url, target);
  try {
    if (socks) await within(target, url, socksConnect(socket, address, target.port, url.host));
    else if (tunnels) await within(target, url, httpConnect(socket, authorityOf(address, target), url.host));
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
  // TLS reads from below the stream; everything else needs it to flow again.
  if (!tunnel) socket.resume();
  return { socket, absoluteForm: !socks && !tunnels };
}

function parseProxy(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw failed("bad_url", "dns", {});
  if (USUAL_PORT[url.protocol] === undefined) {
    throw failed("scheme_not_allowed", "dns", { scheme: url.protocol.replace(":", "") });
  }
  if (url.username !== "" || url.password !== "") throw failed("credentials_in_url", "dns", { host: url.host });
  return url;
}

async function dialProxy(url: URL, target: Target): Promise<Socket> {
  const port = url.port === "" ? (USUAL_PORT[url.protocol] ?? 0) : Number(url.port);
  const tls = url.protocol === "https:" ? {} : undefined;
  try {
    const socket = await dial({ ...target, ipFamily: undefined, host: url.hostname, port, tls });
    // Its certificate is not the target's.
    forgetTls(target.progress);
    return socket;
  } catch (thrown) {
    if (!isFailed(thrown) || OF_POLICY.has(thrown.reason)) throw thrown;
    throw failed("proxy_unreachable", thrown.phase, { proxy: url.host, cause: thrown.reason }, thrown.cause);
  }
}

const within = (target: Target, url: URL, work: Promise<void>): Promise<void> =>
  withAbort(work, target.signal, () =>
    failed("proxy_unreachable", "connect", { proxy: url.host, cause: "timeout_in_connect" }),
  );

const isFailed = (thrown: unknown): thrown is Failed =>
  typeof thrown === "object" && thrown !== null && "reason" in thrown && "phase" in thrown;

/** What a tunnel is asked for: the judged address where the target is pinned, else the host as it is written. */
function authorityOf(address: string, { pinned, host, port }: Target): string {
  if (!pinned) return `${host}:${port}`;
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** RFC 9110, section 9.3.6. */
async function httpConnect(socket: Socket, authority: string, proxy: string): Promise<void> {
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const head = await take(socket, proxy, (bytes) => {
    const end = bytes.indexOf("\r\n\r\n");
    return end === -1 ? undefined : end + 4;
  });
  const line = head.toString("latin1").split("\r\n", 1)[0] ?? "";
  if (!/^HTTP\/1\.\d 2\d\d\b/.test(line)) throw refused(proxy, line.replace(/[^\x20-\x7e]/g, "·").slice(0, 100));
}

const SOCKS_ANSWERS: readonly string[] = [
  "succeeded",
  "general failure",
  "not allowed by ruleset",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "TTL expired",
  "command not supported",
  "address type not supported",
];

/** RFC 1928, without authentication. */
async function socksConnect(socket: Socket, address: string, port: number, proxy: string): Promise<void> {
  socket.write(Buffer.from([5, 1, 0]));
  const [version, method] = await take(socket, proxy, (bytes) => (bytes.length >= 2 ? 2 : undefined));
  if (version !== 5 || method !== 0) throw refused(proxy, `SOCKS ${version ?? 0}, method ${method ?? 0}`);
  const packed = packedAddress(address);
  const type = packed.length === 4 ? 1 : 4;
  socket.write(Buffer.from([5, 1, 0, type, ...packed, port >> 8, port & 0xff]));
  const answer = await take(socket, proxy, wholeSocksAnswer);
  const code = answer[1] ?? 1;
  if (code !== 0) throw refused(proxy, SOCKS_ANSWERS[code] ?? `code ${code}`);
}

function wholeSocksAnswer(bytes: Buffer): number | undefined {
  const [, code = 0, , type = 0, length = 0] = bytes;
  // A refusal may come without the address.
  if (bytes.length >= 2 && code !== 0) return bytes.length;
  const size = { 1: 4, 3: 1 + length, 4: 16 }[type];
  if (bytes.length < 5 || size === undefined) return undefined;
  return bytes.length >= 6 + size ? 6 + size : undefined;
}

/** The bytes of a literal address. */
function packedAddress(address: string): readonly number[] {
  if (isIP(address) === 4) return address.split(".").map(Number);
  const [head = "", tail] = (URL.parse(`http://[${address}]`)?.hostname ?? "").replace(/^\[|\]$/g, "").split("::");
  const groups = (text = ""): number[] => (text === "" ? [] : text.split(":").map((each) => Number.parseInt(each, 16)));
  const [front, back] = [groups(head), groups(tail)];
  const filled = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
  return filled.flatMap((group) => [group >> 8, group & 0xff]);
}

const refused = (proxy: string, actual: string): Failed => failed("proxy_refused", "connect", { proxy, actual });

/** Waits for as many bytes as `count` wants, and leaves the rest to whoever reads next. */
function take(socket: Socket, proxy: string, count: (bytes: Buffer) => number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const stop = (): void => void socket.off("data", onData).off("close", onClose).off("error", onError).pause();
    const onClose = (): void => {
      stop();
      reject(refused(proxy, "closed the connection"));
    };
    const onError = (): void => onClose();
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const wanted = count(bytes);
      if (wanted === undefined && bytes.length <= MAX_ANSWER_BYTES) return;
      stop();
      if (wanted === undefined) return reject(refused(proxy, "an endless answer"));
      if (bytes.length > wanted) socket.unshift(bytes.subarray(wanted));
      resolve(bytes.subarray(0, wanted));
    };
    socket.on("data", onData).once("close", onClose).once("error", onError).resume();
  });
}
