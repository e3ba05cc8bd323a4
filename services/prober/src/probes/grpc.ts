import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { type GrpcCheck, Verdict } from "@sentinel/contracts";
import type { Conversation } from "@sentinel/egress";
import { type Judgement, WELL } from "../core/assertions.ts";
import { type HealthAnswer, healthRequest, readHealthResponse, STATUS_NAMES } from "../core/grpc-health.ts";
import type { SecretSource } from "../core/secrets.ts";
import type { Endpoint, See } from "./probe.ts";
import { shown } from "./reader.ts";
import { reveal, tlsSettings } from "./tls-settings.ts";
import { hostOf, whereTo } from "./where-to.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
const PATH = "/grpc.health.v1.Health/Check";

/** Asks the standard health service for the whole server, or for the service that the path of the address names. */
export const seeGrpc: See<"grpc"> = async (check, request) => {
  const { deps, endpoint } = request;
  const secured = endpoint.url.toLowerCase().startsWith("grpcs:");
  const tls = tlsSettings(check.tls, secured, deps.secret);
  const service = decodeURIComponent(new URL(endpoint.url).pathname.slice(1));
  const metadata = metadataOf(check, deps.secret);
  const { value, facts } = await deps.egress.converse(
    { ...whereTo(request), tls: tls === undefined ? undefined : { ...tls, protocols: ["h2"] } },
    (conversation) =>
      askHealth(conversation, { service, metadata, authority: new URL(endpoint.url).host, tls: secured }),
  );
  return {
    facts,
    requestLine: `Health/Check ${endpoint.url}`,
    judgement: judge(endpoint, service, value),
    look: (subject) => (subject === "value" ? [value] : undefined),
  };
};

/** Names of metadata are lower-case on the wire. */
const metadataOf = ({ metadata }: GrpcCheck, secret: SecretSource): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), reveal(value, secret)]));

/** An assertion on the value says itself which one is wanted. */
function judge(endpoint: Endpoint, service: string, actual: string): Judgement {
  if (actual === "SERVING" || endpoint.assertions.some(({ subject }) => subject === "value")) return WELL;
  const reason = actual === "SERVICE_UNKNOWN" ? "grpc_service_unknown" : "grpc_not_serving";
  return {
    verdict: Verdict.DOWN,
    reason,
    params: { host: hostOf(new URL(endpoint.url)), service: service || "(all)", actual },
  };
}

interface Asked {
  readonly service: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly authority: string;
  readonly tls: boolean;
}

/** Asks and gives the status in one word. @throws what `conversation.failure` gives; `params.code` is gRPC's status */
export async function askHealth(conversation: Conversation, asked: Asked): Promise<string> {
  const session = connect(`${asked.tls ? "https" : "http"}://${asked.authority}`, {
    createConnection: () => conversation.socket(),
    settings: { enablePush: false },
    maxSessionMemory: 1,
  });
  try {
    return statusOf(await exchange(session, conversation, asked), conversation, asked);
  } finally {
    session.destroy();
  }
}

interface Exchanged {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function exchange(session: ClientHttp2Session, conversation: Conversation, asked: Asked): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const odd = (error: Error): void => reject(failureOf(error, conversation));
    session.once("error", odd);
    session.once("close", () => reject(conversation.failure("empty_reply")));
    const stream = session.request({
      ...asked.metadata,
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": "Sentinel/0.1",
      "grpc-timeout": `${Math.max(1, Math.floor(conversation.remainingMs()))}m`,
    });
    let headers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.once("response", (given) => {
      headers = { ...given };
      conversation.enter("transfer");
    });
    stream.once("trailers", (given) => {
      headers = { ...headers, ...given };
    });
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES)
        reject(conversation.failure("body_too_large", { limitBytes: `${MAX_ANSWER_BYTES}` }));
      else chunks.push(chunk);
    });
    stream.once("error", odd);
    // An end before any answer is told by the session.
    stream.once("end", () => {
      if (headers[":status"] !== undefined) resolve({ headers, body: Buffer.concat(chunks) });
    });
    stream.end(healthRequest(asked.service));
  });
}

function failureOf(error: Error, conversation: Conversation): Error {
  const code = "code" in error ? String(error.code) : "";
  if (!code.startsWith("ERR_HTTP2_")) return error;
  const refused = error.message.includes("REFUSED_STREAM") || error.message.includes("ENHANCE_YOUR_CALM");
  const actual = shown(error.message);
  return refused
    ? conversation.failure("too_many_connections", { actual })
    : conversation.failure("wrong_protocol", { protocol: "HTTP/2", actual });
}

/** The word for what the health service says. @throws the failure for every status of gRPC but 0 */
function statusOf({ headers, body }: Exchanged, conversation: Conversation, { service }: Asked): string {
  const http = String(headers[":status"] ?? "");
  if (http !== "200") throw conversation.failure("status", { expected: "200", actual: http });
  const code = String(headers["grpc-status"] ?? "");
  if (code === "") throw conversation.failure("wrong_protocol", { protocol: "gRPC", actual: "no grpc-status" });
  if (code === "0") return answered(readHealthResponse(body), conversation);
  const actual = shown(decoded(String(headers["grpc-message"] ?? "")));
  const params = { service: service || "(all)", code: `${code} ${STATUS_NAMES[Number(code)] ?? ""}`.trim(), actual };
  throw conversation.failure(REASONS[code] ?? "grpc_status", params);
}

function answered(answer: HealthAnswer, conversation: Conversation): string {
  if (answer.ok) return answer.status;
  throw conversation.failure("wrong_protocol", { protocol: "gRPC", actual: answer.problem });
}

const REASONS: Readonly<Record<string, string>> = {
  "5": "grpc_service_unknown",
  "7": "auth_refused",
  "12": "grpc_no_health",
  "16": "auth_refused",
};

/** Percent-encoded on the wire. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
