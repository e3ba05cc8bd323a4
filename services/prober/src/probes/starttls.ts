import type { Conversation, TlsSettings } from "@sentinel/egress";
import { createReader, type Reader, shown } from "./reader.ts";

/** Asks for TLS in the words of the protocol; resolves when the handshake may begin. */
type Ask = (conversation: Conversation, reader: Reader) => Promise<void>;

/** The last line of an answer of SMTP or FTP: "250-" goes on, "250 " ends. */
async function codedAnswer(reader: Reader): Promise<string> {
  for (;;) {
    const line = await reader.line();
    if (!/^\d{3}-/.test(line)) return line;
  }
}

const say = (conversation: Conversation, text: string): void => void conversation.socket().write(text);

function demand(conversation: Conversation, fits: boolean, answer: string): void {
  if (!fits) throw conversation.failure("starttls_refused", { actual: shown(answer) });
}

/** RFC 3207. */
const smtp: Ask = async (conversation, reader) => {
  const greeting = await codedAnswer(reader);
  demand(conversation, greeting.startsWith("220"), greeting);
  say(conversation, "EHLO sentinel.invalid\r\n");
  const hello = await codedAnswer(reader);
  demand(conversation, hello.startsWith("250"), hello);
  say(conversation, "STARTTLS\r\n");
  const answer = await codedAnswer(reader);
  demand(conversation, answer.startsWith("220"), answer);
};

/** RFC 4217. */
const ftp: Ask = async (conversation, reader) => {
  const greeting = await codedAnswer(reader);
  demand(conversation, greeting.startsWith("220"), greeting);
  say(conversation, "AUTH TLS\r\n");
  const answer = await codedAnswer(reader);
  demand(conversation, answer.startsWith("234"), answer);
};

/** RFC 9051. */
const imap: Ask = async (conversation, reader) => {
  const greeting = await reader.line();
  demand(conversation, greeting.startsWith("* OK") || greeting.startsWith("* PREAUTH"), greeting);
  say(conversation, "a1 STARTTLS\r\n");
  for (;;) {
    const line = await reader.line();
    if (line.startsWith("* ")) continue;
    demand(conversation, line.startsWith("a1 OK"), line);
    return;
  }
};

/** RFC 2595. */
const pop3: Ask = async (conversation, reader) => {
  const greeting = await reader.line();
  demand(conversation, greeting.startsWith("+OK"), greeting);
  say(conversation, "STLS\r\n");
  const answer = await reader.line();
  demand(conversation, answer.startsWith("+OK"), answer);
};

/** SSLRequest of the PostgreSQL protocol: length 8, code 80877103; answered by one byte. */
const postgres: Ask = async (conversation, reader) => {
  conversation.socket().write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
  const answer = (await reader.bytes(1)).toString("latin1");
  demand(conversation, answer === "S", answer);
};

/** Extended request 1.3.6.1.4.1.1466.20037 of RFC 4511, message 1; result code 0 within its answer. */
const ldap: Ask = async (conversation, reader) => {
  const oid = Buffer.from("1.3.6.1.4.1.1466.20037", "latin1");
  const request = Buffer.concat([Buffer.from([0x80, oid.length]), oid]);
  const operation = Buffer.concat([Buffer.from([0x77, request.length]), request]);
  const message = Buffer.concat([Buffer.from([0x02, 0x01, 0x01]), operation]);
  conversation.socket().write(Buffer.concat([Buffer.from([0x30, message.length]), message]));
  const answer = await reader.take(wholeMessage, "an LDAP answer");
  // The ENUMERATED of the result is the first one in the answer: tag 0x0a, length 1, code.
  demand(conversation, answer.includes("\x0a\x01\x00"), answer);
};

/** Characters of the BER message at the start, when it is whole. */
function wholeMessage(text: string): number | undefined {
  const length = text.charCodeAt(1);
  if (text.length < 2) return undefined;
  if (length < 0x80) return text.length >= 2 + length ? 2 + length : undefined;
  const size = length & 0x7f;
  if (text.length < 2 + size) return undefined;
  const body = Buffer.from(text.slice(2, 2 + size), "latin1").reduce((sum, digit) => sum * 256 + digit, 0);
  return text.length >= 2 + size + body ? 2 + size + body : undefined;
}

const ASK: Readonly<Record<string, Ask>> = { smtp, ftp, imap, pop3, postgres, ldap };

/** Secures the connection as the protocol does it. @throws what the conversation gives, `starttls_refused` among them */
export async function startTls(protocol: string, conversation: Conversation, settings: TlsSettings): Promise<void> {
  const reader = createReader(conversation);
  try {
    await ASK[protocol]?.(conversation, reader);
  } finally {
    reader.release();
  }
  await conversation.secure(settings);
}
