import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import { pathOf } from "../program.ts";

/** One packet as the kernel showed it to the witness. */
export interface Packet {
  readonly from: string;
  readonly to: string;
  /** The witness's own line about it. */
  readonly line: string;
}

/** Sees every packet of this network, whoever sent it. */
export interface Witness {
  /** What was sent since the last time, our marks left out. */
  seen(): Promise<readonly Packet[]>;
  /** Ends it, and says how many packets passed too fast for it. */
  missed(): Promise<number>;
}

/** Nobody sends there but the witness: what came before its mark was sent before it. */
const MARK = "203.0.113.254";
const FIRST_MARK_PORT = 10_000;
const AGAIN_MS = 200;

/**
 * Makes every address of both families lead to this process's own network, where each packet passes loopback, and watches
 * it. To be called only in a network of its own.
 * @param ours addresses to listen on
 */
export async function startWitness(ours: readonly string[]): Promise<Witness> {
  const ip = (...words: readonly string[]): void => void execFileSync(pathOf("ip"), [...words], { stdio: "pipe" });
  ip("link", "set", "lo", "up");
  for (const address of ours) ip("addr", "add", `${address}/${isIP(address) === 4 ? 32 : 128}`, "dev", "lo");
  const v6 = ours.find((address) => isIP(address) === 6);
  ip("route", "add", "local", "0.0.0.0/0", "dev", "lo");
  ip("-6", "route", "add", "local", "::/0", "dev", "lo", ...(v6 === undefined ? [] : ["src", v6]));
  return watch();
}

/** Root would become a user who is not there in every network; others stay who they are. */
const AS_ROOT = process.getuid?.() === 0 ? ["-Z", "root"] : [];

async function watch(): Promise<Witness> {
  const child = spawn(
    pathOf("tcpdump"),
    ["-i", "lo", "-nn", "-l", "-t", "-q", "--immediate-mode", "-s", "128", "-B", "16384", ...AS_ROOT],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const ready = Promise.withResolvers<void>();
  child.once("error", ready.reject);
  child.once("exit", (code) => ready.reject(new Error(`the witness ended with ${code}: ${complaint}`)));
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
    if (complaint.includes("listening on")) ready.resolve();
  });
  let rest = "";
  let packets: Packet[] = [];
  const marks = new Map<string, () => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const mark = /> 203\.0\.113\.254\.(\d+):/.exec(line)?.[1];
      if (mark !== undefined) marks.get(mark)?.();
      const packet = packetOf(line);
      if (packet.from !== MARK && packet.to !== MARK) packets.push(packet);
    }
  });
  await ready.promise;
  const end = async (): Promise<number> => {
    socket.close();
    const gone = once(child, "close");
    child.kill("SIGINT");
    await gone;
    return Number(/(\d+) packets? dropped by kernel/.exec(complaint)?.[1] ?? Number.NaN);
  };
  let ended: Promise<number> | undefined;
  const socket = createSocket("udp4");
  socket.on("error", () => undefined);
  let port = FIRST_MARK_PORT;
  return {
    seen: async () => {
      port += 1;
      const arrived = Promise.withResolvers<void>();
      marks.set(String(port), arrived.resolve);
      const mark = (): void => socket.send("mark", port, MARK);
      // A mark may get lost like any datagram.
      const again = setInterval(mark, AGAIN_MS);
      mark();
      await arrived.promise;
      clearInterval(again);
      const seen = packets;
      packets = [];
      return seen;
    },
    missed: () => {
      ended ??= end();
      return ended;
    },
  };
}

/** A line that cannot be read is a packet to nowhere, which nobody allows: the witness leaves nothing out. */
function packetOf(line: string): Packet {
  const [, from = "", to = ""] = /^IP6? (?:\([^)]*\) )?(\S+) > (\S+?):(?: |$)/.exec(line) ?? [];
  return { from: withoutPort(from), to: withoutPort(to), line };
}

const withoutPort = (text: string): string => (isIP(text) === 0 ? text.replace(/\.\d+$/, "") : text);
