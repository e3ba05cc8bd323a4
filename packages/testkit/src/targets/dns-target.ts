import { createSocket } from "node:dgram";
import { once } from "node:events";

/** What the server says of a name: addresses, or why there are none; "silence" says nothing at all. */
export type DnsAnswer = readonly string[] | "nxdomain" | "empty" | "servfail" | "silence";

export interface DnsTarget {
  /** As resolvers take it: "127.0.0.1:port". */
  readonly server: string;
  /** Names asked for, oldest first; once per record type. */
  readonly questions: readonly string[];
  stop(): Promise<void>;
}

const TYPE_A = 1;
const RCODES: Readonly<Record<string, number>> = { nxdomain: 3, servfail: 2 };

/** A name server on loopback that gives the IPv4 addresses a test wants, with this time to live. */
export async function startDnsTarget(answer: (name: string) => DnsAnswer, ttlSeconds = 30): Promise<DnsTarget> {
  const questions: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const { name, type, end } = readQuestion(query);
    questions.push(name);
    const wanted = answer(name);
    if (wanted === "silence") return;
    const addresses = typeof wanted === "string" || type !== TYPE_A ? [] : wanted;
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (typeof wanted === "string" ? (RCODES[wanted] ?? 0) : 0), 2);
    head.writeUInt16BE(addresses.length, 6);
    head.writeUInt32BE(0, 8);
    const records = addresses.map((address) => record(address, ttlSeconds));
    socket.send(Buffer.concat([head, query.subarray(12, end), ...records]), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    server: `127.0.0.1:${socket.address().port}`,
    questions,
    stop: async () => {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

function readQuestion(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** An A record for the name of the question, to which the first two bytes point back. */
function record(address: string, ttlSeconds: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(0xc00c, 0);
  bytes.writeUInt16BE(TYPE_A, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt32BE(ttlSeconds, 6);
  bytes.writeUInt16BE(4, 10);
  bytes.set(address.split(".").map(Number), 12);
  return bytes;
}
