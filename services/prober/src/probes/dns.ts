import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { domainToASCII } from "node:url";
import type { DnsCheck } from "@sentinel/contracts";
import { type Conversed, EgressError, type ExchangeFacts } from "@sentinel/egress";
import { type DnsQuestion, dnsType, encodeQuestion, isAnswerTo, isTruncated, readAnswer } from "../core/dns-message.ts";
import { nameServersIn, reverseName } from "../core/dns-name.ts";
import { judgeDns } from "../core/judge-dns.ts";
import { type ProbeRequest, type See, Unchecked } from "./probe.ts";
import { createReader } from "./reader.ts";
import { tlsSettings } from "./tls-settings.ts";
import { whereTo } from "./where-to.ts";

const PORT = 53;
const TLS_PORT = 853;
const MOST_RECORDS = 16;

type Where = ReturnType<typeof whereTo>;
type Answered = Conversed<Uint8Array>;

/** @param resolvConf text of the file that names the system's resolvers. */
export const createSeeDns =
  (resolvConf: () => Promise<string>): See<"dns"> =>
  async (check, request) => {
    const { endpoint } = request;
    const type = dnsType(check.type);
    const name = nameIn(new URL(endpoint.url), type === "PTR");
    const question: DnsQuestion = { id: randomInt(0x10000), name, type };
    const where = whereTo(request, check.transport === "tls" ? TLS_PORT : PORT);
    const ask = (server: Where): Promise<Answered> => askBy(check, question, server, request);
    const own = where.host !== "";
    const answered = own ? await ask(where) : await askSystem(where, name, await resolvConf(), request, ask);
    const { value, facts } = answered;
    const answer = readAnswer(type, value);
    const host = own ? where.host : (facts.remoteAddress ?? "");
    if (answer === undefined) throw new EgressError(unreadable(host, facts));
    const mayBeEmpty = endpoint.assertions.some(({ subject }) => subject === "answer" || subject === "rows");
    const looked: Readonly<Record<string, readonly string[]>> = {
      answer: answer.values,
      rows: [String(answer.values.length)],
      status: [answer.rcode],
    };
    return {
      facts: { ...facts, body: new TextEncoder().encode(answer.values.join("\n")) },
      look: (subject) => looked[subject],
      judgement: judgeDns(check, answer, { host, name, mayBeEmpty }),
      requestLine: `${type} ${name} @${host} (${check.transport})`,
      shown: {
        dnsAnswer: {
          name,
          records: answer.values.slice(0, MOST_RECORDS).map((value) => ({ type, value, ttlSeconds: 0 })),
          resolver: facts.remoteAddress ?? host,
          durationMs: facts.phases.firstByteMs + facts.phases.transferMs,
          outcome: "",
          fromCache: false,
        },
      },
    };
  };

export const seeDns = createSeeDns(() => readFile("/etc/resolv.conf", "utf8").catch(() => ""));

const unreadable = (host: string, facts: ExchangeFacts) =>
  ({ reason: "dns_message", phase: "transfer", params: { host }, facts }) as const;

/** The name in the address as it is asked for; of an address, that of the record about it. */
function nameIn(url: URL, reversed: boolean): string {
  const text = decoded(url.pathname.slice(1));
  const reverse = reversed ? reverseName(text) : undefined;
  return reverse ?? (domainToASCII(text) || text).replace(/(.)\.$/, "$1");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Asks the system's resolvers in turn, as the system itself does; the last one's failure is what counts. */
async function askSystem(
  where: Where,
  name: string,
  resolvConf: string,
  request: ProbeRequest,
  ask: (server: Where) => Promise<Answered>,
): Promise<Answered> {
  const servers = nameServersIn(resolvConf);
  const until = request.deps.clock.monotonic() + where.timeoutMs;
  for (const [index, host] of servers.entries()) {
    const left = Math.max(1, until - request.deps.clock.monotonic());
    try {
      return await ask({ ...where, host, timeoutMs: left / (servers.length - index) });
    } catch (thrown) {
      if (!(thrown instanceof EgressError) || thrown.failure.reason.startsWith("address_")) break;
      if (index === servers.length - 1) throw thrown;
    }
  }
  // Nothing the target can be blamed for: this machine has no resolver, or the rules forbid asking it.
  throw new Unchecked("resolver_unusable", { name });
}

function askBy(check: DnsCheck, question: DnsQuestion, where: Where, request: ProbeRequest): Promise<Answered> {
  if (check.transport !== "udp") return askByStream(check, question, where, request);
  return askByDatagram(check, question, where, request);
}

async function askByDatagram(
  check: DnsCheck,
  question: DnsQuestion,
  where: Where,
  request: ProbeRequest,
): Promise<Answered> {
  const { egress, clock } = request.deps;
  const from = clock.monotonic();
  const accepts = (message: Uint8Array): boolean => isAnswerTo(question, message);
  const short = await egress.datagram({ ...where, payload: encodeQuestion(question), accepts });
  if (!isTruncated(short.value)) return short;
  const timeoutMs = Math.max(1, where.timeoutMs - (clock.monotonic() - from));
  try {
    const whole = await askByStream(check, question, { ...where, timeoutMs }, request);
    return { value: whole.value, facts: withTimeOf(short.facts, whole.facts) };
  } catch (thrown) {
    if (!(thrown instanceof EgressError)) throw thrown;
    const facts = withTimeOf(short.facts, thrown.failure.facts);
    throw new EgressError({ ...thrown.failure, facts }, thrown);
  }
}

/** The time of both questions, that of the first one's wait included. */
function withTimeOf(first: ExchangeFacts, then: ExchangeFacts): ExchangeFacts {
  const [a, b] = [first.phases, then.phases];
  return {
    ...then,
    phases: {
      dnsMs: a.dnsMs + b.dnsMs,
      connectMs: a.connectMs + b.connectMs,
      tlsMs: a.tlsMs + b.tlsMs,
      firstByteMs: a.firstByteMs + b.firstByteMs,
      transferMs: a.transferMs + b.transferMs,
    },
  };
}

/** Over a stream each message has its length before it, in two bytes. */
function askByStream(check: DnsCheck, question: DnsQuestion, where: Where, request: ProbeRequest): Promise<Answered> {
  const tls = check.transport === "tls" ? tlsSettings(check.tls, true, request.deps.secret) : undefined;
  const message = encodeQuestion(question);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return request.deps.egress.converse({ ...where, tls }, async (conversation) => {
    const reader = createReader(conversation);
    conversation.socket().write(Buffer.concat([length, message]));
    for (;;) {
      const size = (await reader.bytes(2)).readUInt16BE();
      const answer = await reader.bytes(size);
      if (isAnswerTo(question, answer)) return answer;
    }
  });
}
