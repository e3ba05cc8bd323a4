import { type BlackboxTcp, compilePattern } from "@sentinel/contracts/config";
import { type Conversation, EgressError, type ExchangeFacts, type TlsSettings } from "@sentinel/egress";
import { matchesPattern } from "../core/assertions.ts";
import { chooseAddress } from "./choose-address.ts";
import { failure, type Outcome, type ProbeContext, SUCCESS } from "./context.ts";
import { splitHostPort } from "./host-port.ts";
import { type NextLine, readLines } from "./line-reader.ts";
import { setTlsMetrics, tlsOf } from "./tls.ts";

/** TCP, with TLS and a dialogue by lines where the module has them. @throws EgressError */
export async function probeTcp(tcp: BlackboxTcp, target: string, context: ProbeContext): Promise<Outcome> {
  const { metrics, egress, log } = context;
  metrics.set("probe_failed_due_to_regex", 0);
  const where = splitHostPort(target);
  if (where === undefined) return failure("bad_url");
  const { address } = await chooseAddress(where.host, tcp, context);
  const tls = await tlsOf(tcp.tls_config, where.host, context);
  const dialled = { host: address, port: where.port, timeoutMs: context.remainingMs(), tls: tcp.tls ? tls : undefined };
  log(tcp.tls ? "Dialing TCP with TLS" : "Dialing TCP without TLS");
  try {
    const talk = (conversation: Conversation): Promise<Outcome> => converse(tcp, conversation, tls, context);
    const { value, facts } = await egress.converse(dialled, talk);
    exportTls(facts, context);
    return value;
  } catch (thrown) {
    const secured = thrown instanceof EgressError && ["first_byte", "transfer"].includes(thrown.failure.phase);
    if (secured) exportTls(thrown.failure.facts, context);
    throw thrown;
  }
}

function exportTls({ tls }: ExchangeFacts, context: ProbeContext): void {
  if (tls !== undefined) setTlsMetrics(context, tls);
}

async function converse(
  tcp: BlackboxTcp,
  conversation: Conversation,
  tls: TlsSettings,
  context: ProbeContext,
): Promise<Outcome> {
  context.log("Successfully dialed");
  let lines = readLines(conversation);
  for (const { expect, send = "", starttls } of tcp.query_response) {
    let answer = send;
    if (expect !== undefined) {
      const line = await firstThatFits(expect, lines.next);
      context.metrics.set("probe_failed_due_to_regex", line === undefined ? 1 : 0);
      if (line === undefined) {
        context.log("Regexp did not match", { regexp: expect });
        return failure("answer_mismatch");
      }
      context.log("Regexp matched", { regexp: expect });
      answer = filled(expect, line, send);
    }
    if (answer !== "") conversation.socket().write(`${answer}\n`, "latin1");
    if (!starttls) continue;
    lines.release();
    await conversation.secure(tls);
    lines = readLines(conversation);
  }
  return SUCCESS;
}

async function firstThatFits(expect: string, next: NextLine): Promise<string | undefined> {
  for (;;) {
    const line = await next();
    if (line === undefined || matchesPattern(expect, line)) return line;
  }
}

/** What is sent, with the groups of the line that fitted. */
function filled(expect: string, line: string, send: string): string {
  const compiled = compilePattern(expect);
  return compiled.ok ? (compiled.pattern.expand(line, send) ?? send) : send;
}
