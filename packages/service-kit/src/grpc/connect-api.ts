import { type CallOptions, Metadata, type MethodDefinition } from "@grpc/grpc-js";
import { type CallContext, type SentinelApi, SentinelServiceService as methods } from "@sentinel/contracts";
import { systemClock } from "../system-clock.ts";
import { type FreshClient, openFreshClient } from "./fresh-client.ts";
import { fromStatus } from "./grpc-errors.ts";

export interface ConnectOptions {
  /** Such as "127.0.0.1:8301". */
  readonly address: string;
  /** Sent as a bearer token when present. */
  readonly token?: { reveal(): string };
  /** How long one call may take, streams excepted; 10 s when absent. */
  readonly limitMs?: number;
  /** How long a connection that was taken may say nothing before another one is tried; 10 s when absent. */
  readonly silenceMs?: number;
}

export interface ConnectedApi extends SentinelApi {
  close(): void;
}

const LIMIT_MS = 10_000;
const SILENCE_MS = 10_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

const CHANNEL = {
  "grpc.max_receive_message_length": MAX_ANSWER_BYTES,
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 5000,
  // Finds a peer that vanished without a word, so that a stream does not stay silent for ever.
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5000,
};

/**
 * The API of another process. Connects by itself and again after a break; a call fails at once while the other is away.
 * A broken stream ends with an error and is not resumed. Errors: what the service threw, else `service_unreachable`,
 * `service_timeout`, `request_cancelled`.
 */
export function connectApi(options: ConnectOptions): ConnectedApi {
  const link = { ...options, limitMs: options.limitMs ?? LIMIT_MS };
  const client = openFreshClient(options.address, CHANNEL, options.silenceMs ?? SILENCE_MS);
  const unary = <Request, Response>(method: MethodDefinition<Request, Response>) => unaryCall(client, link, method);
  return {
    createMonitor: unary(methods.createMonitor),
    listMonitors: unary(methods.listMonitors),
    getMonitor: unary(methods.getMonitor),
    updateMonitor: unary(methods.updateMonitor),
    deleteMonitor: unary(methods.deleteMonitor),
    checkMonitor: unary(methods.checkMonitor),
    listChecks: unary(methods.listChecks),
    getMonitorStats: unary(methods.getMonitorStats),
    listIncidents: unary(methods.listIncidents),
    getIncident: unary(methods.getIncident),
    acknowledgeIncident: unary(methods.acknowledgeIncident),
    commentIncident: unary(methods.commentIncident),
    resolveIncident: unary(methods.resolveIncident),
    listChannels: unary(methods.listChannels),
    testChannel: unary(methods.testChannel),
    listDeadLetters: unary(methods.listDeadLetters),
    getDeadLetter: unary(methods.getDeadLetter),
    replayDeadLetter: unary(methods.replayDeadLetter),
    getKpis: unary(methods.getKpis),
    discardDeadLetter: unary(methods.discardDeadLetter),
    takePing: unary(methods.takePing),
    getHeartbeat: unary(methods.getHeartbeat),
    getPingAddress: unary(methods.getPingAddress),
    listMaintenance: unary(methods.listMaintenance),
    createMaintenance: unary(methods.createMaintenance),
    endMaintenance: unary(methods.endMaintenance),
    deleteMaintenance: unary(methods.deleteMaintenance),
    getStatus: unary(methods.getStatus),
    watch: streamCall(client, link, methods.watch),
    close: () => client.close(),
  };
}

type Link = ConnectOptions & { readonly limitMs: number };

function metadataOf({ token }: Link, { traceparent }: CallContext): Metadata {
  const metadata = new Metadata();
  if (traceparent !== "") metadata.set("traceparent", traceparent);
  if (token !== undefined) metadata.set("authorization", `Bearer ${token.reveal()}`);
  return metadata;
}

function unaryCall<Request, Response>(
  client: FreshClient,
  link: Link,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
): (request: Request, context: CallContext) => Promise<Response> {
  return (request, context) =>
    new Promise((resolve, reject) => {
      const options: CallOptions = { deadline: new Date(systemClock.now() + link.limitMs) };
      const metadata = metadataOf(link, context);
      const cancel = (): void => call.cancel();
      const call = client
        .current()
        .makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          options,
          (error, response) => {
            context.signal.removeEventListener("abort", cancel);
            if (error === null && response !== undefined) resolve(response);
            else reject(fromStatus(error, link));
          },
        );
      context.signal.addEventListener("abort", cancel, { once: true });
      if (context.signal.aborted) cancel();
    });
}

function streamCall<Request, Response>(
  client: FreshClient,
  link: Link,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
): (request: Request, context: CallContext) => AsyncIterable<Response> {
  return async function* stream(request, context) {
    const metadata = metadataOf(link, context);
    const call = client
      .current()
      .makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata);
    const cancel = (): void => call.cancel();
    context.signal.addEventListener("abort", cancel, { once: true });
    if (context.signal.aborted) cancel();
    try {
      for await (const response of messagesOf<Response>(call)) yield response;
    } catch (error) {
      if (!context.signal.aborted) throw fromStatus(error, link);
    } finally {
      context.signal.removeEventListener("abort", cancel);
      cancel();
    }
  };
}

/** A stream of gRPC gives messages of the type it deserialises to, which its own type does not say. */
function messagesOf<Response>(call: AsyncIterable<Response>): AsyncIterable<Response> {
  return call;
}
