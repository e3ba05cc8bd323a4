import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "@sentinel/service-kit";
import { seededRandom } from "@sentinel/testkit";
import { settle, type Verdict } from "./settle.ts";
import { type DistributedStage, type Link, LINKS } from "./stage-distributed.ts";
import { startTcpProxy, type TcpProxy, type Trouble } from "./tcp-proxy.ts";

/** A proxy of ours on each way between two processes. */
export interface Network {
  /** The port that stands for this one on that way, the same each time. */
  readonly between: (link: Link, port: number) => Promise<number>;
  proxy(link: Link): TcpProxy;
  stop(): Promise<void>;
}

export function openNetwork(): Network {
  const proxies = new Map<Link, TcpProxy>();
  return {
    between: async (link, port) => {
      const proxy = proxies.get(link) ?? (await startTcpProxy(port));
      proxies.set(link, proxy);
      return proxy.port;
    },
    proxy: (link) => {
      const proxy = proxies.get(link);
      if (proxy === undefined) throw new Error(`nothing goes over ${link}`);
      return proxy;
    },
    stop: async () => {
      await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
    },
  };
}

const TROUBLES = ["partition", "no-requests", "no-answers", "delay", "half-open", "reset"] as const;

const SHORTEST_MS = 1500;
/** Longer than a lease is held by a process that cannot renew it. */
const LONGEST_MS = 12_000;

/**
 * One way after the other gets into one trouble after the other while targets fall asleep: as many as there are pairs
 * of both in a row make each pair once, and another seed goes on where this one ends.
 */
export async function runNetwork(
  stage: DistributedStage,
  network: Network,
  { seed, count, onEach }: { readonly seed: number; readonly count: number; readonly onEach?: (line: string) => void },
): Promise<Verdict> {
  const random = seededRandom(seed);
  const { world } = stage;
  for (let index = 0; index < count; index += 1) {
    const place = (seed - 1) * count + index;
    const link = LINKS[place % LINKS.length] ?? "incidents-postgres";
    const trouble = troubleOf(TROUBLES[place % TROUBLES.length] ?? "partition", random);
    const forMs = Math.round(SHORTEST_MS + random.next() ** 3 * (LONGEST_MS - SHORTEST_MS));
    const target = world.targets[Math.floor(random.next() * world.targets.length)];
    if (random.next() < 0.8) target?.fallAsleep();
    // Some troubles meet a round that fails for the first time, others a repair or a message under way.
    await sleep(Math.round(random.next() * 2500));
    const proxy = network.proxy(link);
    onEach?.(`${index + 1}: ${link}: ${textOf(trouble)} for ${forMs} ms, ${proxy.connections()} connections`);
    await world.disturb(async () => {
      proxy.begin(trouble);
      await sleep(forMs);
      proxy.heal();
    });
    await sleep(Math.round(500 + random.next() * 1500));
    if (random.next() < 0.3) target?.wake();
  }
  return await settle(stage);
}

function troubleOf(name: (typeof TROUBLES)[number], random: Random): Trouble {
  switch (name) {
    case "partition":
      return { type: "partition", cut: "both" };
    case "no-requests":
      return { type: "partition", cut: "requests" };
    case "no-answers":
      return { type: "partition", cut: "answers" };
    case "delay":
      return { type: "delay", ms: Math.round(200 + random.next() * 1800) };
    case "half-open":
      return { type: "half-open" };
    case "reset":
      return { type: "reset", afterBytes: Math.round(random.next() * 4000) };
  }
}

function textOf(trouble: Trouble): string {
  if (trouble.type === "partition") return `partition (${trouble.cut})`;
  if (trouble.type === "delay") return `delay of ${trouble.ms} ms`;
  return trouble.type === "reset" ? `reset after ${trouble.afterBytes} bytes` : trouble.type;
}
