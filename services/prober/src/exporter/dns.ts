import { randomInt } from "node:crypto";
import type { BlackboxDns } from "@sentinel/contracts/config";
import { EgressError } from "@sentinel/egress";
import { decode, type DecodedPacket, encode, RECURSION_DESIRED, type RecordType } from "dns-packet";
import { createReader } from "../probes/reader.ts";
import { chooseAddress } from "./choose-address.ts";
import { failure, type Outcome, type ProbeContext, SUCCESS } from "./context.ts";
import { judgeRecords } from "./dns-records.ts";
import { splitHostPort } from "./host-port.ts";
import { tlsOf } from "./tls.ts";

const PORT = 53;
const TLS_PORT = 853;
const ZEROS = [
  "probe_dns_answer_rrs",
  "probe_dns_authority_rrs",
  "probe_dns_additional_rrs",
  "probe_dns_query_succeeded",
] as const;

/** One question to a name server, judged by code and records. @throws EgressError */
export async function probeDns(dns: BlackboxDns, target: string, context: ProbeContext): Promise<Outcome> {
  const { metrics } = context;
  for (const name of ZEROS) metrics.set(name, 0);
  for (const phase of ["resolve", "connect", "request"]) metrics.set("probe_dns_duration_seconds", 0, { phase });
  if (dns.dns_over_tls && dns.transport_protocol !== "tcp") return failure("bad_url");
  const where = splitHostPort(target) ?? {
    host: target.replace(/^\[|\]$/g, ""),
    port: dns.dns_over_tls ? TLS_PORT : PORT,
  };
  const { address, lookupSeconds } = await chooseAddress(where.host, dns, context);
  metrics.set("probe_dns_duration_seconds", lookupSeconds, { phase: "resolve" });
  const message = await ask(dns, { ...where, address }, context);
  const packet = decoded(message);
  if (packet === undefined) return failure("dns_message");
  return judge(dns, packet, message, context);
}

interface Where {
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

async function ask(dns: BlackboxDns, { host, address, port }: Where, context: ProbeContext): Promise<Uint8Array> {
  const id = randomInt(0x10000);
  const question = encodeQuestion(dns, id);
  const target = { host: address, port, timeoutMs: context.remainingMs() };
  const accepts = (answer: Uint8Array): boolean => (answer[0] ?? 0) * 256 + (answer[1] ?? 0) === id;
  const timed = ({ connectMs, tlsMs, firstByteMs, transferMs }: Phases): void => {
    context.metrics.set("probe_dns_duration_seconds", (connectMs + tlsMs) / 1000, { phase: "connect" });
    context.metrics.set("probe_dns_duration_seconds", (firstByteMs + transferMs) / 1000, { phase: "request" });
  };
  context.log("Making DNS query", { query: dns.query_name, type: dns.query_type, target: host });
  try {
    const { value, facts } =
      dns.transport_protocol === "tcp"
        ? await askByStream({ ...target, tls: await secured(dns, host, context) }, question, accepts, context)
        : await context.egress.datagram({ ...target, payload: question, accepts });
    timed(facts.phases);
    return value;
  } catch (thrown) {
    if (thrown instanceof EgressError) timed(thrown.failure.facts.phases);
    throw thrown;
  }
}

type Phases = EgressError["failure"]["facts"]["phases"];

const secured = (dns: BlackboxDns, host: string, context: ProbeContext) =>
  dns.dns_over_tls ? tlsOf(dns.tls_config, host, context) : Promise.resolve(undefined);

type StreamTarget = Parameters<ProbeContext["egress"]["converse"]>[0];

/** Over a stream each message has its length before it, in two bytes. */
function askByStream(
  target: StreamTarget,
  question: Uint8Array,
  accepts: (answer: Uint8Array) => boolean,
  { egress }: ProbeContext,
) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(question.length);
  return egress.converse<Uint8Array>(target, async (conversation) => {
    const reader = createReader(conversation);
    conversation.socket().write(Buffer.concat([length, question]));
    const answer = await reader.bytes((await reader.bytes(2)).readUInt16BE());
    if (accepts(answer)) return answer;
    throw conversation.failure("dns_message");
  });
}

const isType = (text: string): text is RecordType => /^[A-Z0-9]+$/.test(text);

function encodeQuestion(dns: BlackboxDns, id: number): Uint8Array {
  const type = dns.query_type.toUpperCase();
  const name = dns.query_name.replace(/(.)\.$/, "$1");
  const flags = dns.recursion_desired ? RECURSION_DESIRED : 0;
  const classes = { IN: "IN", CS: "CS", CH: "CH", HS: "HS", ANY: "ANY" } as const;
  const wanted = Object.values(classes).find((each) => each === dns.query_class.toUpperCase()) ?? "IN";
  return encode({ type: "query", id, flags, questions: [{ type: isType(type) ? type : "A", name, class: wanted }] });
}

function decoded(message: Uint8Array): DecodedPacket | undefined {
  try {
    return decode(Buffer.from(message));
  } catch {
    return undefined;
  }
}

const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET"];

function judge(dns: BlackboxDns, packet: DecodedPacket, message: Uint8Array, { metrics, log }: ProbeContext): Outcome {
  const { answers = [], authorities = [], additionals = [] } = packet;
  metrics.set("probe_dns_answer_rrs", answers.length);
  metrics.set("probe_dns_authority_rrs", authorities.length);
  metrics.set("probe_dns_additional_rrs", additionals.length);
  if (dns.query_type.toUpperCase() === "SOA") {
    const serials = answers.flatMap((each) => (each.type === "SOA" ? [each.data.serial ?? 0] : []));
    metrics.set("probe_dns_serial", serials.at(-1) ?? 0);
  }
  metrics.set("probe_dns_query_succeeded", 1);
  const code = (message[3] ?? 0) & 0x0f;
  const rcode = RCODES[code] ?? `RCODE${code}`;
  log("Got response", { rcode });
  if (!(dns.valid_rcodes.length === 0 ? ["NOERROR"] : dns.valid_rcodes).includes(rcode)) {
    return failure(rcode === "NXDOMAIN" ? "dns_nxdomain" : "dns_rcode");
  }
  const fits =
    judgeRecords(answers, dns.validate_answer_rrs) &&
    judgeRecords(authorities, dns.validate_authority_rrs) &&
    judgeRecords(additionals, dns.validate_additional_rrs);
  return fits ? SUCCESS : failure("answer_mismatch");
}
