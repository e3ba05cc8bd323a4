import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Asked } from "./http1.ts";
import { readSimpleHead, type SimpleHead } from "./simple-head.ts";
import type { Wire } from "./wire.ts";

/** Longer ones are for the whole parser, which knows its own limit. */
const MOST_HEAD_BYTES = 8 * 1024;
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What the client of Node treats in its own way. */
const OWN_WAY = new Set(["connection", "transfer-encoding", "content-length", "expect", "upgrade", "trailer"]);

/** The bytes of a request without a body; undefined where a whole client should make them. */
export function simpleRequest({ url, method, headers, body }: Asked): string | undefined {
  if ((method !== "GET" && method !== "HEAD") || body !== undefined) return undefined;
  let text = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  const all: Readonly<Record<string, string>> = { host: url.host, ...headers };
  for (const name of Object.keys(all)) {
    const value = all[name] ?? "";
    if (!NAME.test(name) || !VALUE.test(value) || OWN_WAY.has(name.toLowerCase())) return undefined;
    text += `${name}: ${value}\r\n`;
  }
  return `${text}connection: close\r\n\r\n`;
}

export interface Asking {
  readonly request: string;
  readonly method: string;
  readonly maxBytes: number;
  readonly onHead: (head: SimpleHead) => void;
  /** Where the body is put, as much of it as came. */
  readonly keep: Uint8Array[];
}

interface Broken {
  readonly error: Error;
}

/**
 * Asks over a connection whose bytes come by the wire. Ends with the last byte of the body; whatever is not of the
 * plainest kind, such as an answer that ends early, is given on instead: the same bytes, errors and end come out of the
 * stream that it resolves to, for a whole parser. Never ends where nothing more comes.
 */
export function askSimply(socket: Socket, wire: Wire, asking: Asking): Promise<Duplex | undefined> {
  const { keep } = asking;
  return new Promise((resolve) => {
    let head: SimpleHead | undefined;
    /** All that came, as long as there is no head; then the body of it. */
    let raw: Buffer | undefined;
    let headText = "";
    let bodyBytes = 0;
    const finish = (): void => {
      socket.removeListener("end", onEnd).removeListener("error", onError);
      // Whatever comes of the connection from here on says nothing of the answer.
      wire.take(() => undefined);
      socket.on("error", () => undefined);
      resolve(undefined);
    };
    const giveOn = (end: "open" | "ended" | Broken, more?: Buffer): void => {
      socket.removeListener("end", onEnd).removeListener("error", onError);
      const before = [Buffer.from(headText, "latin1"), ...(raw === undefined ? [] : [raw]), ...keep];
      keep.length = 0;
      resolve(replay(socket, wire, more === undefined ? before : [...before, more], end));
    };
    const onEnd = (): void => {
      if (head !== undefined && head.bodyBytes === undefined) finish();
      else giveOn("ended");
    };
    const onError = (error: Error): void => giveOn({ error });
    const takeBody = (size: number, shared: Buffer, from: number): void => {
      const chunk = Buffer.from(shared.subarray(from, size));
      bodyBytes += chunk.length;
      const limit = Math.min(head?.bodyBytes ?? asking.maxBytes, asking.maxBytes);
      if (bodyBytes > limit) return giveOn("open", chunk);
      if (chunk.length > 0) keep.push(chunk);
      if (bodyBytes === head?.bodyBytes) finish();
    };
    const takeHead = (size: number, shared: Buffer): void => {
      const came = raw === undefined ? shared.subarray(0, size) : Buffer.concat([raw, shared.subarray(0, size)]);
      const end = came.indexOf(END_OF_HEAD);
      if (end < 0 && came.length <= MOST_HEAD_BYTES) return void (raw = Buffer.from(came));
      const text = end < 0 || end > MOST_HEAD_BYTES ? "" : came.toString("latin1", 0, end);
      raw = undefined;
      head = readSimpleHead(text, asking.method);
      if (head === undefined) return giveOn("open", Buffer.from(came));
      headText = `${text}\r\n\r\n`;
      asking.onHead(head);
      takeBody(came.length, came, end + END_OF_HEAD.length);
    };
    socket.on("end", onEnd).on("error", onError);
    socket.write(asking.request, "latin1");
    wire.take((size, shared) => (head === undefined ? takeHead(size, shared) : takeBody(size, shared, 0)));
  });
}

/** A stream as if nothing had been read of the connection yet; what is written to it was sent already. */
function replay(socket: Socket, wire: Wire, before: readonly Uint8Array[], end: "open" | "ended" | Broken): Duplex {
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
    destroy: (error, done) => {
      socket.destroy();
      // As late as a connection closes: whoever was just given a head has begun to read the body by then.
      setImmediate(() => done(error));
    },
  });
  // What came before it is read first, and seen by who reads it, as on the connection itself.
  const afterAll = (what: () => void): void => {
    setImmediate(() => (stream.readableLength > 0 && !stream.destroyed ? afterAll(what) : setImmediate(what)));
  };
  const onEnd = (): void => afterAll(() => stream.push(null));
  const onError = (error: Error): void => afterAll(() => stream.destroy(error));
  for (const chunk of before) if (chunk.length > 0) stream.push(chunk);
  if (end === "ended") onEnd();
  else if (end !== "open") onError(end.error);
  else {
    wire.take((size, shared) => void stream.push(Buffer.from(shared.subarray(0, size))));
    socket.once("end", onEnd).once("error", onError);
  }
  return stream;
}
