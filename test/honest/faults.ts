import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { pause, type ProberOptions, type Stage, tool } from "./stage.ts";

/** Something of ours that goes wrong, and comes right again. */
export interface Fault {
  readonly name: string;
  /** It needs a network of its own, made by root. */
  readonly inOwnNetwork?: boolean;
  /** It is about a prober that is started so. */
  readonly prober?: (scratch: string) => ProberOptions;
  /** Rounds are unknown or missed meanwhile; otherwise they may as well go on. */
  readonly isFelt: boolean;
  readonly lastsMs?: number;
  readonly begin: (stage: Stage) => unknown;
  readonly end?: (stage: Stage) => unknown;
}

const DAY_MS = 86_400_000;
const truthfully = (stage: Stage): void => {
  stage.lie = undefined;
};
const lying = (name: string, lie: (stage: Stage) => Stage["lie"]): Fault => ({
  name,
  isFelt: true,
  begin: (stage) => {
    stage.lie = lie(stage);
  },
  end: truthfully,
});

const deed = (name: string, what: string, by: number, isFelt: boolean, lastsMs?: number): Fault => ({
  name,
  isFelt,
  ...(lastsMs === undefined ? {} : { lastsMs }),
  begin: (stage) => stage.deed(what, by),
});

const stopped = (ms: number): Fault => ({
  name: `stopped by a signal for ${ms / 1000} s`,
  isFelt: ms > 3000,
  lastsMs: ms + 3500,
  begin: async (stage) => {
    stage.signal("SIGSTOP");
    await pause(ms);
    stage.signal("SIGCONT");
  },
});

/** All outgoing packets to the targets meet this rule. */
const ruled = (name: string, ...rule: readonly string[]): Fault => ({
  name,
  inOwnNetwork: true,
  isFelt: true,
  begin: ({ base }) => {
    tool("nft", "add", "table", "ip", "honest");
    tool("nft", "add", "chain", "ip", "honest", "out", "{ type filter hook output priority 0 ; }");
    tool("nft", "add", "rule", "ip", "honest", "out", "ip", "daddr", `${base}0/24`, ...rule);
  },
  end: () => tool("nft", "delete", "table", "ip", "honest"),
});

const routed = (name: string, kind: string): Fault => ({
  name,
  inOwnNetwork: true,
  isFelt: true,
  begin: ({ base }) => {
    tool("ip", "route", "del", "local", `${base}0/24`, "dev", "lo");
    if (kind !== "") tool("ip", "route", "add", kind, `${base}0/24`);
  },
  end: ({ base }) => {
    if (kind !== "") tool("ip", "route", "del", kind, `${base}0/24`);
    tool("ip", "route", "add", "local", `${base}0/24`, "dev", "lo");
  },
});

let hogs: ChildProcess[] = [];
let takers: Server[] = [];
const PORT_RANGE = "/proc/sys/net/ipv4/ip_local_port_range";
const FIRST_PORT = 40_000;

export const FAULTS: readonly Fault[] = [
  lying("resolver silent", () => () => "silence"),
  lying("resolver answers with an error", () => () => "servfail"),
  lying("resolver denies every name", () => () => "nxdomain"),
  lying("resolver knows no address", () => () => "empty"),
  lying("resolver leads all names to a page that refuses", () => () => ["127.0.0.9"]),
  lying("resolver cache poisoned with an address of nobody", ({ base }) => () => [`${base}250`]),
  {
    ...lying("resolver silent every second time", (stage) => {
      let count = 0;
      return (name) => ((count += 1) % 2 === 0 ? "silence" : stage.truth(name));
    }),
    isFelt: false,
  },
  {
    ...lying("resolver denies every third question", (stage) => {
      let count = 0;
      return (name) => ((count += 1) % 3 === 0 ? "servfail" : stage.truth(name));
    }),
    isFelt: false,
  },
  deed("event loop blocked for 5 s", "block", 5000, true, 9000),
  deed("event loop blocked for 1.5 s", "block", 1500, false),
  {
    ...deed("event loop blocked again and again", "block", 0, false),
    begin: async (stage) => {
      for (let i = 0; i < 5; i += 1) {
        stage.deed("block", 700);
        await pause(900);
      }
    },
  },
  stopped(10_000),
  stopped(2000),
  {
    ...stopped(0),
    name: "stopped for a moment ten times",
    isFelt: false,
    begin: async (stage) => {
      for (let i = 0; i < 10; i += 1) {
        stage.signal("SIGSTOP");
        await pause(350);
        stage.signal("SIGCONT");
        await pause(150);
      }
    },
  },
  {
    ...deed("descriptors exhausted", "descriptors", 0, true),
    prober: () => ({ openFiles: 300 }),
    end: (stage) => stage.deed("descriptors back"),
  },
  {
    name: "limit of open files lowered to what is open",
    isFelt: true,
    begin: ({ pid }) => tool("prlimit", "--pid", String(pid), "--nofile=16:4096"),
    end: ({ pid }) => tool("prlimit", "--pid", String(pid), "--nofile=4096:4096"),
  },
  {
    name: "local ports exhausted",
    inOwnNetwork: true,
    isFelt: true,
    begin: async () => {
      writeFileSync(PORT_RANGE, `${FIRST_PORT} ${FIRST_PORT + 3}`);
      takers = await Promise.all(
        [0, 1, 2, 3].map(
          (n) =>
            new Promise<Server>((resolve) => {
              const server = createServer().listen(FIRST_PORT + n, "0.0.0.0", () => resolve(server));
            }),
        ),
      );
    },
    end: () => {
      writeFileSync(PORT_RANGE, "32768 60999");
      for (const each of takers) each.close();
    },
  },
  ruled("firewall drops all that leaves", "drop"),
  ruled("firewall refuses all that leaves", "reject", "with", "tcp", "reset"),
  ruled("firewall refuses all that leaves, by ICMP", "reject"),
  routed("no route", "throw"),
  routed("route unreachable", "unreachable"),
  routed("route prohibited", "prohibit"),
  {
    name: "loopback down",
    inOwnNetwork: true,
    isFelt: true,
    begin: () => tool("ip", "link", "set", "lo", "down"),
    end: ({ base }) => {
      tool("ip", "link", "set", "lo", "up");
      tool("ip", "route", "replace", "local", `${base}0/24`, "dev", "lo");
    },
  },
  { ...deed("clock 400 days ahead from the start", "", 0, true), prober: () => ({ offsetMs: 400 * DAY_MS }) },
  {
    ...deed("clock set ahead by 400 days", "clock by", 400 * DAY_MS, false),
    end: (stage) => stage.deed("clock by", -400 * DAY_MS),
  },
  {
    ...deed("clock set back by 400 days", "clock by", -400 * DAY_MS, false),
    end: (stage) => stage.deed("clock by", 400 * DAY_MS),
  },
  {
    ...deed("disk of the spool full", "", 0, false),
    inOwnNetwork: true,
    prober: (scratch) => {
      const spool = join(scratch, "small");
      mkdirSync(spool);
      tool("mount", "-t", "tmpfs", "-o", "size=16k", "none", spool);
      return { spool };
    },
    // Whoever still writes into it keeps it until it is gone.
    end: ({ spool }) => tool("umount", "-l", spool),
  },
  {
    name: "proxy answers with an error",
    isFelt: true,
    begin: (stage) => {
      stage.proxyWorks = false;
    },
    end: (stage) => {
      stage.proxyWorks = true;
    },
  },
  { ...deed("broker and incidents service away", "broker away", 0, false), end: (stage) => stage.deed("broker back") },
  {
    name: "CPU taken by others",
    isFelt: false,
    // One of its own, as it is not given back what it was given less of.
    prober: () => ({}),
    begin: ({ pid }) => {
      tool("renice", "-n", "19", "-p", String(pid));
      hogs = Array.from({ length: 4 }, () => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
    },
    end: () => {
      for (const each of hogs) each.kill("SIGKILL");
    },
  },
  deed("memory turned over until the collector stands in the way", "garbage", 12, false, 6000),
  deed("thread pool busy", "pool busy", 8, false),
];
