import type { RedisCheck } from "@sentinel/contracts";
import type { Conversation } from "@sentinel/egress";
import type { See } from "./probe.ts";
import { createReader, type Reader, shown } from "./reader.ts";
import { reveal, tlsSettings } from "./tls-settings.ts";
import { whereTo } from "./where-to.ts";

const USUAL_PORT = 6379;
const MAX_BULK_BYTES = 60_000;

/** Signs in where a password is given, then PING; INFO only where an assertion asks for one of its fields. */
export const seeRedis: See<"redis"> = async (check, request) => {
  const { deps, endpoint } = request;
  const tls = tlsSettings(check.tls, endpoint.url.toLowerCase().startsWith("rediss:"), deps.secret);
  const password = check.password === "" ? "" : reveal(check.password, deps.secret);
  const asksInfo = endpoint.assertions.some(({ subject, of }) => subject === "value" && of !== "");
  const { value, facts } = await deps.egress.converse({ ...whereTo(request, USUAL_PORT), tls }, (conversation) =>
    talk(conversation, signIn(check, password), asksInfo),
  );
  return {
    facts,
    requestLine: `PING ${endpoint.url}`,
    look: (subject, of) => {
      const found = subject !== "value" ? undefined : of === "" ? value.pong : value.info.get(of);
      return found === undefined ? undefined : [found];
    },
  };
};

const signIn = ({ user }: RedisCheck, password: string): readonly string[] =>
  password === "" ? [] : ["AUTH", ...(user === "" ? [] : [user]), password];

async function talk(conversation: Conversation, auth: readonly string[], asksInfo: boolean) {
  const reader = createReader(conversation);
  const ask = async (...words: readonly string[]): Promise<string> => {
    conversation.socket().write(command(words));
    return answer(conversation, reader);
  };
  if (auth.length > 0) await ask(...auth);
  const pong = await ask("PING");
  if (pong !== "PONG") throw otherProtocol(conversation, pong);
  return { pong, info: asksInfo ? fieldsOf(await ask("INFO")) : new Map<string, string>() };
}

/** A command as an array of bulk strings, which no content can break out of. */
const command = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;

/** One simple or bulk string. @throws the failure for an error of the server and for what is no RESP */
async function answer(conversation: Conversation, reader: Reader): Promise<string> {
  const line = await reader.line();
  const rest = line.slice(1);
  switch (line[0]) {
    case "+":
      return rest;
    case "-":
      throw conversation.failure(reasonOf(rest), { actual: shown(rest) });
    case "$": {
      const length = /^\d{1,9}$/.test(rest) ? Number(rest) : undefined;
      if (length === undefined) throw otherProtocol(conversation, line);
      if (length > MAX_BULK_BYTES) throw conversation.failure("body_too_large", { limitBytes: String(MAX_BULK_BYTES) });
      const bulk = await reader.bytes(length + 2);
      return bulk.subarray(0, length).toString("utf8");
    }
    default:
      throw otherProtocol(conversation, line);
  }
}

const otherProtocol = (conversation: Conversation, actual: string): Error =>
  conversation.failure("wrong_protocol", { protocol: "Redis", actual: shown(actual) });

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH/, "auth_required"],
  [/^(WRONGPASS|NOPERM|DENIED)|invalid password|without any password configured|no password is set/, "auth_refused"],
  [/^(LOADING|MASTERDOWN)/, "server_loading"],
  [/max number of clients/, "too_many_connections"],
];

/** What an error of Redis means; its first word is its code. */
const reasonOf = (error: string): string => REASONS.find(([pattern]) => pattern.test(error))?.[1] ?? "command_failed";

function fieldsOf(info: string): ReadonlyMap<string, string> {
  const pairs = info.split("\r\n").flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 0 || line.startsWith("#") ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
  });
  return new Map(pairs);
}
