import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Where the driver would connect to, as it has read its address. */
export interface Address {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** A socket file instead. */
  readonly path: string | false | undefined;
}

/**
 * A connection that ends when what was asked stays unanswered for too long. A path that swallows bytes without an end
 * or a reset would hold its reader for as long as the system sends again, which is a quarter of an hour.
 * @param security the word of `sslmode`; undefined for none.
 * @param silenceMs of the server after something was asked; it must be above the time a statement may run.
 */
export async function openWatchedSocket(
  address: Address,
  security: string | undefined,
  silenceMs: () => number,
): Promise<Socket> {
  const plain = connectPlain(address);
  if (security === undefined) return watch(plain, silenceMs);
  try {
    return watch(await secured(plain, address.host[0] ?? "", security), silenceMs);
  } catch (thrown) {
    plain.destroy();
    throw thrown;
  }
}

function connectPlain({ host, port, path }: Address): Socket {
  if (typeof path === "string" && path !== "") return connectTcp({ path });
  return connectTcp({ host: host[0] ?? "localhost", port: port[0] ?? 5432 });
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** As the PostgreSQL protocol begins TLS: a request, one byte of consent, the handshake. */
async function secured(plain: Socket, host: string, security: string): Promise<Socket> {
  plain.write(SSL_REQUEST);
  const consent = await first<Buffer>(plain, "data");
  if (consent[0] !== "S".charCodeAt(0)) {
    if (security === "prefer" || security === "allow") return plain;
    throw Object.assign(new Error("the database offers no TLS"), { code: "ECONNREFUSED" });
  }
  const lax = security === "require" || security === "allow" || security === "prefer";
  const tls = connectTls({
    socket: plain,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(lax ? { rejectUnauthorized: false } : {}),
  });
  await first(tls, "secureConnect");
  return tls;
}

function first<T>(socket: Socket, event: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      socket.off(event, got).off("error", failed).off("close", closed);
    };
    const got = (value: T): void => {
      done();
      resolve(value);
    };
    const failed = (error: Error): void => {
      done();
      reject(error);
    };
    const closed = (): void => failed(Object.assign(new Error("closed"), { code: "ECONNRESET" }));
    socket.once(event, got).once("error", failed).once("close", closed);
  });
}

/** Ends the socket when nothing came for `silenceMs` after something was written. */
function watch(socket: Socket, silenceMs: () => number): Socket {
  let timer: NodeJS.Timeout | undefined;
  const rest = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const wait = (): void => {
    const forMs = silenceMs();
    if (timer !== undefined || !Number.isFinite(forMs)) return;
    timer = setTimeout(() => {
      timer = undefined;
      // What was asked meanwhile may take its time for good reason.
      if (!Number.isFinite(silenceMs())) return;
      socket.destroy(Object.assign(new Error("the database does not answer"), { code: "ETIMEDOUT" }));
    }, forMs);
    timer.unref();
  };
  const write = socket.write.bind(socket);
  const watched = (...words: Parameters<typeof write>): boolean => {
    wait();
    return write(...words);
  };
  Object.assign(socket, { write: watched });
  return socket.on("data", rest).on("close", rest);
}
