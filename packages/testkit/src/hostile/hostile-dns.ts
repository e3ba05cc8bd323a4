import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";

/**
 * What a name leads to: addresses of both families, and before them "cname:other.test" for each name on the way. Each turn
 * answers one question; the last one stays.
 */
export type Turns = readonly (readonly string[])[];

export interface HostileDns {
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<number, 4 | 6>> = { 1: 4, 28: 6 };
const CNAME = 5;

/** A name server without any time to live, so that every question is asked anew; names it does not know do not exist. */
export async function startHostileDns(
  address: string,
  turnsOf: (name: string) => Turns | undefined,
): Promise<HostileDns> {
  const asked = new Map<string, number>();
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const { name, type, end } = questionOf(query);
    const turns = turnsOf(name);
    const key = `${type} ${name}`;
    const turn = asked.get(key) ?? 0;
    asked.set(key, turn + 1);
    const answer = turns?.[Math.min(turn, turns.length - 1)] ?? [];
    const records = recordsOf(name, answer, TYPES[type]);
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(turns === undefined ? 0x8183 : 0x8180, 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...records]), from.port, from.address);
  });
  socket.bind(53, address);
  await once(socket, "listening");
  return {
    stop: async () => {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function recordsOf(name: string, answer: readonly string[], family: 4 | 6 | undefined): readonly Buffer[] {
  let owner = name;
  return answer.flatMap((each) => {
    if (each.startsWith("cname:")) {
      const from = owner;
      owner = each.slice("cname:".length);
      return [record(from, CNAME, encodeName(owner))];
    }
    if (isIP(each) !== family) return [];
    return [record(owner, family === 4 ? 1 : 28, packed(each))];
  });
}

function record(owner: string, type: number, data: Buffer): Buffer {
  const middle = Buffer.alloc(10);
  middle.writeUInt16BE(type, 0);
  middle.writeUInt16BE(1, 2);
  middle.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(owner), middle, data]);
}

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")])),
    Buffer.from([0]),
  ]);

function packed(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const hostname = URL.parse(`http://[${address}]`)?.hostname ?? "";
  const [head = "", tail = ""] = hostname.slice(1, -1).split("::");
  const groups = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((each) => Number.parseInt(each, 16));
  const [front, back] = [groups(head), groups(tail)];
  const filled = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
  return Buffer.from(filled.flatMap((group) => [group >> 8, group & 0xff]));
}
