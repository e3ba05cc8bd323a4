import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { type Answer, decode, encode } from "dns-packet";

const AUTHORITATIVE = 1 << 10;
const SOA = {
  type: "SOA",
  name: "test",
  ttl: 30,
  data: { mname: "ns.test", rname: "admin.test", serial: 2026, refresh: 1, retry: 2, expire: 3, minimum: 4 },
} as const satisfies Answer;

const RECORDS: Readonly<Record<string, readonly Answer[]>> = {
  "A shop.test": [
    { type: "A", name: "shop.test", ttl: 30, data: "192.0.2.1" },
    { type: "A", name: "shop.test", ttl: 30, data: "192.0.2.9" },
  ],
  "MX shop.test": [{ type: "MX", name: "shop.test", ttl: 30, data: { preference: 10, exchange: "mail.shop.test" } }],
  "TXT shop.test": [{ type: "TXT", name: "shop.test", ttl: 30, data: "v=spf1 -all" }],
  "SOA shop.test": [{ ...SOA, name: "shop.test" }],
};
const RCODES: Readonly<Record<string, number>> = { "gone.test": 3, "broken.test": 2 };

function answerTo(message: Buffer): Buffer {
  const { id = 0, questions = [] } = decode(message);
  const [question] = questions;
  if (question === undefined) return message;
  if (question.name === "garbage.test") return Buffer.concat([message.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1])]);
  const rcode = RCODES[question.name] ?? 0;
  const answers = [...(RECORDS[`${question.type} ${question.name}`] ?? [])];
  return encode({
    type: "response",
    id,
    flags: AUTHORITATIVE | rcode,
    questions,
    answers,
    authorities: rcode === 3 ? [SOA] : [],
    additionals: question.type === "MX" ? [{ type: "A", name: "mail.shop.test", ttl: 30, data: "192.0.2.2" }] : [],
  });
}

/** A name server over UDP and TCP, on the same port of loopback. */
export async function startNameServer(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const tcp = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => {
      const answer = answerTo(data.subarray(2));
      socket.end(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]));
    });
  });
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const address = tcp.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  const udp = createSocket("udp4");
  udp.on("message", (message, from) => udp.send(answerTo(message), from.port, from.address));
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");
  return {
    port,
    stop: async () => {
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}
