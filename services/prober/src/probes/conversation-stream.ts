import { Duplex } from "node:stream";
import type { Conversation } from "@sentinel/egress";
import { shown } from "./reader.ts";

const MAX_BYTES = 8_000_000;

/**
 * A conversation's socket in the form that clients of a protocol take, also when it is secured in between. What a client
 * does to it when it gives up, such as destroying it with an error, does not reach the connection.
 */
export interface ConversationStream {
  readonly stream: Duplex;
  /** Takes up the socket that the conversation has now, as after it was secured. */
  readonly follow: () => void;
  /** Rejects when the other side ends, sends more than can be held, or begins in another protocol. */
  readonly broken: Promise<never>;
}

/**
 * @param beginsWell what the first bytes must be like, so that a server of another protocol is named and not waited for.
 * @param onEnd whether an end of the other side breaks the conversation, or is passed on for the client to judge.
 */
export function conversationStream(
  conversation: Conversation,
  protocol: string,
  beginsWell: (first: Buffer) => boolean,
  onEnd: "breaks" | "passes" = "breaks",
): ConversationStream {
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    if (ended) return;
    if (bytes === 0 && !beginsWell(chunk)) {
      const actual = shown(chunk.toString("latin1"));
      return broken.reject(conversation.failure("wrong_protocol", { protocol, actual }));
    }
    bytes += chunk.length;
    if (bytes > MAX_BYTES)
      return broken.reject(conversation.failure("body_too_large", { limitBytes: String(MAX_BYTES) }));
    if (onEnd === "breaks") give(chunk);
    else if (!stream.push(chunk)) conversation.socket().pause();
  };
  // Clients of databases throw at what they cannot read; thrown here, it is this server's failure and nobody else's.
  const give = (chunk: Buffer): void => {
    try {
      stream.emit("data", chunk);
    } catch (thrown) {
      const actual = shown(thrown instanceof Error ? thrown.message : "unreadable");
      broken.reject(conversation.failure("wrong_protocol", { protocol, actual }));
    }
  };
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    if (onEnd === "passes") return void stream.push(null);
    // What arrived before the end may say why; the client is given the turn to read it.
    setImmediate(() => broken.reject(conversation.failure(bytes === 0 ? "empty_reply" : "truncated")));
  };
  const follow = (): void => void conversation.socket().on("data", take).once("end", end).once("close", end);
  const stream = new Duplex({
    read: () => void conversation.socket().resume(),
    write: (chunk: Buffer, _encoding, done) => void conversation.socket().write(chunk, () => done()),
    final: (done) => done(),
  });
  follow();
  return { stream: Object.assign(stream, asSocket(stream)), follow, broken: broken.promise };
}

/** What clients call on a socket that they believe to be theirs to connect. */
function asSocket(stream: Duplex) {
  const nothing = (): Duplex => stream;
  const connect = (): Duplex => {
    setImmediate(() => stream.emit("connect"));
    return stream;
  };
  return { connect, setNoDelay: nothing, setKeepAlive: nothing, setTimeout: nothing, ref: nothing, unref: nothing };
}

/** Lets a goodbye out before the connection is closed: what a client writes may wait for the next turn. */
export const goodbyeSent = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
