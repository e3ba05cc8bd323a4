import { randomUUID } from "node:crypto";
import type { NatsCheck } from "@sentinel/contracts";
import type { Conversation, TlsSettings } from "@sentinel/egress";
import { objectAt, textAt } from "../core/json-at.ts";
import type { SecretSource } from "../core/secrets.ts";
import type { See } from "./probe.ts";
import { createReader, type Reader, shown } from "./reader.ts";
import { reveal, tlsSettings } from "./tls-settings.ts";
import { whereTo } from "./where-to.ts";

const USUAL_PORT = 4222;
const MAX_PAYLOAD_BYTES = 60_000;

/** Connects as a client does, makes a round trip and, where asked, reads what JetStream says of the account. */
export const seeNats: See<"nats"> = async (check, request) => {
  const { deps, endpoint } = request;
  const tls = tlsSettings(check.tls, false, deps.secret);
  const identity = identityOf(check, deps.secret);
  const { value, facts } = await deps.egress.converse(
    { ...whereTo(request, USUAL_PORT), tls: undefined },
    (conversation) => talk(conversation, { check, tls, identity }),
  );
  return {
    facts,
    requestLine: `PING ${endpoint.url}`,
    look: (subject, of) => {
      if (subject !== "value") return undefined;
      const found = textAt(value.account, of) ?? textAt(value.info, of === "" ? "version" : of);
      return found === undefined ? undefined : [found];
    },
  };
};

interface Options {
  readonly check: NatsCheck;
  readonly tls: TlsSettings | undefined;
  readonly identity: Readonly<Record<string, string>>;
}

function identityOf({ user, password, token }: NatsCheck, secret: SecretSource): Readonly<Record<string, string>> {
  return {
    ...(user === "" ? {} : { user }),
    ...(password === "" ? {} : { pass: reveal(password, secret) }),
    ...(token === "" ? {} : { auth_token: reveal(token, secret) }),
  };
}

async function talk(conversation: Conversation, options: Options) {
  const info = await greeting(conversation);
  const wanted = await secured(conversation, info, options);
  const session = createSession(conversation, Object.keys(options.identity).length > 0);
  const about = { verbose: false, pedantic: false, lang: "node", version: "1", protocol: 1, name: "Sentinel" };
  const abilities = { headers: true, no_responders: true, tls_required: wanted };
  session.say(`CONNECT ${JSON.stringify({ ...about, ...abilities, ...options.identity })}\r\nPING\r\n`);
  await session.until((line) => line === "PONG");
  // The round trip that counts begins when the server has let us in.
  conversation.enter("first_byte");
  session.say("PING\r\n");
  await session.until((line) => line === "PONG");
  return { info, account: options.check.jetstream ? await accountOf(conversation, session) : {} };
}

/** The server speaks first. */
async function greeting(conversation: Conversation): Promise<Readonly<Record<string, unknown>>> {
  const reader = createReader(conversation);
  try {
    const line = await reader.line();
    const info = line.startsWith("INFO ") ? objectAt(line.slice("INFO ".length)) : undefined;
    if (info !== undefined) return info;
    if (line.startsWith("-ERR")) throw conversation.failure(reasonOf(line, false), { actual: shown(line) });
    throw conversation.failure("wrong_protocol", { protocol: "NATS", actual: shown(line) });
  } finally {
    reader.release();
  }
}

/** True when the connection was secured: because the monitor says so, or because the server demands it. */
async function secured(
  conversation: Conversation,
  info: Readonly<Record<string, unknown>>,
  { check, tls }: Options,
): Promise<boolean> {
  const offered = info["tls_required"] === true || info["tls_available"] === true;
  if (tls !== undefined && !offered)
    throw conversation.failure("starttls_refused", { actual: "INFO: no tls_required" });
  const demanded = info["tls_required"] === true && check.tls?.enabled !== false;
  if (tls === undefined && !demanded) return false;
  await conversation.secure(tls ?? { protocols: [] });
  return true;
}

interface Session {
  say(text: string): void;
  /** The first line that fits; PINGs of the server are answered on the way. @throws the failure for an error of the server */
  until(fits: (line: string) => boolean): Promise<string>;
  readonly reader: Reader;
}

function createSession(conversation: Conversation, hasIdentity: boolean): Session {
  const reader = createReader(conversation);
  const say = (text: string): void => void conversation.socket().write(text);
  const until: Session["until"] = async (fits) => {
    for (;;) {
      const line = await reader.line();
      if (fits(line)) return line;
      if (line === "PING") say("PONG\r\n");
      else if (line.startsWith("-ERR"))
        throw conversation.failure(reasonOf(line, hasIdentity), {
          actual: shown(line.slice("-ERR ".length).replaceAll("'", "")),
        });
      else if (line !== "+OK" && !line.startsWith("INFO "))
        throw conversation.failure("wrong_protocol", { protocol: "NATS", actual: shown(line) });
    }
  };
  return { say, until, reader };
}

function reasonOf(error: string, hasIdentity: boolean): string {
  const text = error.toLowerCase();
  if (/authorization|authentication|permissions violation|user authentication expired/.test(text))
    return hasIdentity || text.includes("permissions") ? "auth_refused" : "auth_required";
  if (text.includes("maximum") && text.includes("connections")) return "too_many_connections";
  return "command_failed";
}

/** What $JS.API.INFO answers. @throws the failure `jetstream_disabled` when nobody answers there, or says that it is off */
async function accountOf(conversation: Conversation, session: Session): Promise<Readonly<Record<string, unknown>>> {
  const inbox = `_INBOX.${randomUUID()}`;
  session.say(`SUB ${inbox} 1\r\nPUB $JS.API.INFO ${inbox} 0\r\n\r\n`);
  const head = await session.until((line) => /^H?MSG /.test(line));
  const words = head.split(" ");
  const size = Number(words.at(-1));
  const headers = head.startsWith("HMSG") ? Number(words.at(-2)) : 0;
  const fits = Number.isInteger(size) && Number.isInteger(headers) && size >= headers && headers >= 0;
  if (!fits) throw conversation.failure("wrong_protocol", { protocol: "NATS", actual: shown(head) });
  if (size > MAX_PAYLOAD_BYTES) throw conversation.failure("body_too_large", { limitBytes: String(MAX_PAYLOAD_BYTES) });
  const content = (await session.reader.bytes(size + 2)).toString("utf8");
  if (content.startsWith("NATS/1.0 503"))
    throw conversation.failure("jetstream_disabled", { actual: "no responders for $JS.API.INFO" });
  const account = objectAt(content.slice(headers)) ?? {};
  const actual = textAt(account, "error.description");
  if (actual === undefined) return account;
  const off = textAt(account, "error.code") === "503" || /not enabled/.test(actual);
  throw conversation.failure(off ? "jetstream_disabled" : "command_failed", { actual: shown(actual) });
}
