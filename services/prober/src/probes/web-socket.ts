import { type SendExpect, Verdict, type WebSocketCheck } from "@sentinel/contracts";
import type { Conversation } from "@sentinel/egress";
import { WebSocket } from "ws";
import { matchesPattern } from "../core/assertions.ts";
import type { SecretSource } from "../core/secrets.ts";
import type { See } from "./probe.ts";
import { conversationStream, goodbyeSent } from "./conversation-stream.ts";
import { BEFORE_DEADLINE_MS, shown } from "./reader.ts";
import { reveal, tlsSettings } from "./tls-settings.ts";
import { whereTo } from "./where-to.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
const SWITCHED = 101;
/** An answer to the handshake begins with "HTTP/1.1". */
const H = 0x48;

/** Opens the WebSocket and, where there is a step, sends and waits for a message that fits. */
export const seeWebSocket: See<"webSocket"> = async (check, request) => {
  const { deps, endpoint } = request;
  const secured = endpoint.url.toLowerCase().startsWith("wss:");
  const tls = tlsSettings(check.tls, secured, deps.secret) ?? (secured ? { protocols: [] } : undefined);
  const { value, facts } = await deps.egress.converse(
    {
      ...whereTo(request, secured ? 443 : 80),
      tls: tls === undefined ? undefined : { ...tls, protocols: ["http/1.1"] },
    },
    (conversation) => talk(conversation, endpoint.url, check, deps.secret),
  );
  const { status, headers, answer } = value;
  const refused = {
    verdict: Verdict.DOWN,
    reason: "status",
    params: { expected: String(SWITCHED), actual: String(status) },
  };
  return {
    facts: { ...facts, status, headers },
    requestLine: `GET ${endpoint.url}`,
    ...(status === SWITCHED ? {} : { judgement: refused }),
    look: (subject, of) => {
      const found = { status: String(status), header: headers[of.toLowerCase()], answer }[subject];
      return found === undefined ? undefined : [found];
    },
  };
};

interface Talked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Every message until the one that fitted. */
  readonly answer: string;
}

async function talk(
  conversation: Conversation,
  url: string,
  check: WebSocketCheck,
  secret: SecretSource,
): Promise<Talked> {
  const headers = Object.entries(check.headers).map(([name, value]) => [name, reveal(value, secret)]);
  const { stream, broken } = conversationStream(conversation, "WebSocket", (first) => first[0] === H, "passes");
  const socket = new WebSocket(url, check.subprotocols, {
    createConnection: () => stream,
    headers: { "user-agent": "Sentinel/0.1", ...Object.fromEntries(headers) },
    maxPayload: MAX_ANSWER_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
  });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  socket.on("error", (error) => failed.reject(failureOf(error, conversation, check)));
  const messages = listen(socket);
  const head = await Promise.race([opened(socket, conversation), failed.promise, broken]);
  conversation.enter("transfer");
  if (head.statusCode !== SWITCHED || check.step === undefined) {
    socket.close(1000);
    await goodbyeSent();
    return { ...headOf(head), answer: "" };
  }
  const { step } = check;
  if (step.send !== "") socket.send(reveal(step.send, secret));
  const answer = await Promise.race([expected(messages, conversation, step), failed.promise, broken]);
  socket.close(1000);
  await goodbyeSent();
  return { ...headOf(head), answer };
}

/** Of the answer to the handshake. */
interface Head {
  readonly statusCode?: number | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

function opened(socket: WebSocket, conversation: Conversation): Promise<Head> {
  return new Promise((resolve, reject) => {
    socket.once("upgrade", (head) => {
      // The answer may still be refused, as for its subprotocol; only then is it open.
      socket.once("open", () => resolve(head));
    });
    socket.once("unexpected-response", (_request, head) => {
      // The right status without the header that says to what: nothing is open, and nothing will come.
      const actual = "101 without Upgrade: websocket";
      if (head.statusCode !== SWITCHED) resolve(head);
      else reject(conversation.failure("wrong_protocol", { protocol: "WebSocket", actual }));
    });
  });
}

function headOf({ statusCode = 0, headers }: Head): Omit<Talked, "answer"> {
  const pairs = Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]);
  return { status: statusCode, headers: Object.fromEntries(pairs) };
}

interface Messages {
  text: string;
  closed: { readonly code: number; readonly reason: string } | undefined;
  wake: () => void;
}

/** Collects from the first moment on: a server may greet together with its answer to the handshake. */
function listen(socket: WebSocket): Messages {
  const messages: Messages = { text: "", closed: undefined, wake: () => undefined };
  socket.on("message", (data: Buffer) => {
    if (messages.text.length <= MAX_ANSWER_BYTES) messages.text += data.toString();
    messages.wake();
  });
  socket.once("close", (code, reason) => {
    messages.closed = { code, reason: reason.toString() };
    messages.wake();
  });
  return messages;
}

/** All that came until it fits. */
async function expected(messages: Messages, conversation: Conversation, { expect }: SendExpect): Promise<string> {
  if (expect === "") return messages.text;
  for (;;) {
    const { text, closed } = messages;
    if (matchesPattern(expect, text)) return text;
    if (text.length > MAX_ANSWER_BYTES)
      throw conversation.failure("body_too_large", { limitBytes: String(MAX_ANSWER_BYTES) });
    if (closed !== undefined)
      throw conversation.failure("closed_early", { code: String(closed.code), actual: shown(closed.reason || text) });
    const late = await nextChange(messages, conversation.remainingMs() - BEFORE_DEADLINE_MS);
    if (late && messages.text !== "")
      throw conversation.failure("answer_mismatch", { expected: expect, actual: shown(messages.text) });
    if (late) await new Promise(() => undefined);
  }
}

/** True when nothing came for that long. */
function nextChange(messages: Messages, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), Math.max(0, withinMs));
    messages.wake = () => {
      clearTimeout(timer);
      resolve(false);
    };
  });
}

function failureOf(error: Error, conversation: Conversation, { subprotocols }: WebSocketCheck): Error {
  const code = "code" in error ? String(error.code) : "";
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
    return conversation.failure("body_too_large", { limitBytes: String(MAX_ANSWER_BYTES) });
  if (/subprotocol/.test(error.message))
    return conversation.failure("subprotocol_refused", { expected: subprotocols.join(", ") });
  if (/hang up/.test(error.message)) return conversation.failure("empty_reply");
  if (code !== "" && !/^(WS_|HPE_)/.test(code)) return error;
  return conversation.failure("wrong_protocol", { protocol: "WebSocket", actual: shown(error.message) });
}
