import { createEgress, createResolve, type Egress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import {
  ANSWERS,
  type HostileAnswer,
  type HostileCase,
  type HostileReply,
  NAMES,
  OURS,
  REPLIES,
  SPELLINGS,
} from "./cases.ts";
import { startHostileDns, type Turns } from "./hostile-dns.ts";
import { type HttpServers, startHttpServers, startReplying } from "./hostile-servers.ts";
import { type Packet, startWitness, type Witness } from "./witness.ts";

/** One way out of the product, such as a kind of check. */
export interface WayOut {
  readonly name: string;
  /** The port on which it is told what servers of its protocol say. */
  readonly port: number;
  readonly speaksHttp: boolean;
  /** Goes there, and says in a word what came of it. Never throws. */
  go(host: string, egress: Egress): Promise<string>;
}

interface Violation {
  readonly case: string;
  readonly way: string;
  readonly packets: readonly string[];
}

/** What the witness saw; plain data, to be written as JSON. */
export interface HostileReport {
  readonly cases: number;
  readonly tries: number;
  readonly violations: readonly Violation[];
  /** Packets that passed too fast for the witness. */
  readonly missed: number;
  /** Ways whose packets to an open address the witness did not see, with what came of them. */
  readonly unseen: readonly string[];
  /** Ways whose packets to a private address it did not see where those are allowed. */
  readonly unseenPrivate: readonly string[];
  /** How often each outcome came, by table of cases. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const NAME_SERVER = "93.184.215.53";
const PRIVATE = "10.0.0.1";
const PRIVATE_V6 = "[fd00::8]";
const ALLOWED = new Set<string>([OURS.v4, OURS.v6, NAME_SERVER, "93.184.215.15", "93.184.215.16", "93.184.215.17"]);

interface World {
  readonly ways: readonly WayOut[];
  readonly witness: Witness;
  readonly servers: HttpServers;
  readonly turns: Map<string, Turns>;
  readonly strict: Egress;
  readonly count: { tries: number; names: number };
  readonly outcomes: Record<string, Record<string, number>>;
}

/** Tries every case by every way out, in a network of its own, and says where packets went that should not have. */
export async function runHostileSuite(ways: readonly WayOut[]): Promise<HostileReport> {
  const witness = await startWitness([OURS.v4, OURS.v6, NAME_SERVER]);
  const servers = await startHttpServers(resolvedByProxy);
  const turns = new Map<string, Turns>();
  const names = await startHostileDns(NAME_SERVER, (name) => turns.get(name) ?? INSIDE.get(name));
  const strict = egressFor(false);
  const loose = egressFor(true);
  const world: World = { ways, witness, servers, turns, strict, count: { tries: 0, names: 0 }, outcomes: {} };
  try {
    const unseen = await unseenAt([OURS.v4, `[${OURS.v6}]`], strict, world);
    const unseenPrivate = await unseenAt([PRIVATE, PRIVATE_V6], loose, world);
    const violations: Violation[] = [];
    for (const each of SPELLINGS) violations.push(...(await tryCase("spellings", each, 1, world)));
    for (const each of NAMES) violations.push(...(await tryCase("names", each, 2, world)));
    for (const each of ANSWERS) violations.push(...(await tryAnswer(each, world)));
    for (const each of REPLIES) violations.push(...(await tryReply(each, world)));
    const missed = await witness.missed();
    const cases = SPELLINGS.length + NAMES.length + ANSWERS.length + REPLIES.length;
    return { cases, tries: world.count.tries, violations, missed, unseen, unseenPrivate, outcomes: world.outcomes };
  } finally {
    for (const egress of [strict, loose]) egress.close();
    await Promise.all([names.stop(), servers.stop(), witness.missed()]);
  }
}

const INSIDE: ReadonlyMap<string, Turns> = new Map([
  ["inside.test", [[PRIVATE]]],
  ["a.test", [[PRIVATE]]],
]);

function egressFor(allowPrivate: boolean): Egress {
  let now = systemClock.now();
  // Later at each look than any answer lives: every name is asked for anew.
  const impatient = { ...systemClock, now: () => (now += 3_600_000) };
  const resolve = createResolve({ clock: impatient, servers: [NAME_SERVER] });
  return createEgress({ policy: { allowPrivate, allowCidrs: [] }, clock: systemClock, resolve });
}

const proxyResolves = createResolve({ clock: systemClock, servers: [NAME_SERVER] });

async function resolvedByProxy(name: string): Promise<string | undefined> {
  const found = await proxyResolves(name, 1000);
  return found.ok ? found.addresses[0] : undefined;
}

const forbidden = (packets: readonly Packet[]): readonly string[] =>
  packets.filter(({ to }) => !ALLOWED.has(to)).map(({ line }) => line);

/** Ways by which no packet to any of these hosts was seen: there the witness would prove nothing. */
async function unseenAt(
  hosts: readonly string[],
  egress: Egress,
  { ways, witness }: World,
): Promise<readonly string[]> {
  const unseen: string[] = [];
  const wanted = new Set(hosts.map((host) => host.replaceAll(/[[\]]/g, "")));
  for (const way of ways) {
    await witness.seen();
    const outcomes: string[] = [];
    for (const host of hosts) outcomes.push(await way.go(host, egress));
    const seen = await witness.seen();
    if (!seen.some(({ to }) => wanted.has(to))) unseen.push(`${way.name}: ${outcomes.join(", ")}`);
  }
  return unseen;
}

async function tryCase(table: string, each: HostileCase, times: number, world: World): Promise<readonly Violation[]> {
  const go = async (way: WayOut): Promise<void> => {
    const host = hostFor(each, world);
    for (let time = 0; time < times; time += 1) await goOnce(table, way, host, world);
  };
  return tried(each.name, world.ways, go, world);
}

async function tryAnswer(answer: HostileAnswer, world: World): Promise<readonly Violation[]> {
  const ways = world.ways.filter(({ speaksHttp }) => speaksHttp);
  const go = async (way: WayOut): Promise<void> => {
    const host = hostFor({ name: answer.name, host: "{name}", turns: answer.turns ?? [[OURS.v4]] }, world);
    const headers = Object.entries(answer.headers).map(([name, text]) => [name, text.replace("{host}", host)]);
    world.servers.say({ status: answer.status, headers: Object.fromEntries(headers) });
    await goOnce("answers", way, host, world);
  };
  // The servers have one answer at a time, which may name the host of one way.
  if (!JSON.stringify(answer.headers).includes("{host}")) return tried(answer.name, ways, go, world);
  const violations: Violation[] = [];
  for (const way of ways) violations.push(...(await tried(answer.name, [way], go, world)));
  return violations;
}

async function tryReply(reply: HostileReply, world: World): Promise<readonly Violation[]> {
  const ways = world.ways.filter(({ name }) => reply.kinds.includes(name));
  const go = async (way: WayOut): Promise<void> => {
    const stop = await startReplying(reply, way.port);
    await goOnce("replies", way, OURS.v4, world);
    await stop();
  };
  const violations: Violation[] = [];
  for (const way of ways) violations.push(...(await tried(reply.name, [way], go, world)));
  return violations;
}

/** All ways at once; only where a packet went astray, each once more by itself, to tell whose it was. */
async function tried(
  name: string,
  ways: readonly WayOut[],
  go: (way: WayOut) => Promise<void>,
  { witness }: World,
): Promise<readonly Violation[]> {
  await Promise.all(ways.map(go));
  const packets = forbidden(await witness.seen());
  if (packets.length === 0) return [];
  const violations: Violation[] = [];
  for (const way of ways) {
    await go(way);
    const own = forbidden(await witness.seen());
    if (own.length > 0) violations.push({ case: name, way: way.name, packets: own.slice(0, 3) });
  }
  return violations.length > 0 ? violations : [{ case: name, way: "(together)", packets: packets.slice(0, 10) }];
}

/** A name that nobody has asked for yet, where the name server has the word. */
function hostFor({ host, turns }: HostileCase, world: World): string {
  if (turns === undefined) return host;
  world.count.names += 1;
  const name = `n${world.count.names}.hostile.test`;
  world.turns.set(name, turns);
  return host.replace("{name}", name);
}

async function goOnce(table: string, way: WayOut, host: string, { strict, count, outcomes }: World): Promise<void> {
  count.tries += 1;
  const outcome = await way.go(host, strict);
  const counted = (outcomes[table] ??= {});
  counted[outcome] = (counted[outcome] ?? 0) + 1;
}
