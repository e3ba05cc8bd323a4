import { once } from "node:events";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  setLogVerbosity,
} from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import {
  type CallContext,
  type SentinelApi,
  SentinelError,
  type SentinelServiceServer,
  SentinelServiceService,
} from "@sentinel/contracts";
import { readDescriptorSet } from "@sentinel/contracts/descriptor";
import { HealthImplementation } from "grpc-health-check";
import type { Log } from "../log.ts";
import { silentLog } from "../noop.ts";
import { systemClock } from "../system-clock.ts";
import { toStatus } from "./grpc-errors.ts";

const SERVICE = "sentinel.incidents.v1.SentinelService";
/** Calls under way may finish for this long when the server stops. */
const STOP_LIMIT_MS = 3000;

export interface ServeOptions {
  readonly api: SentinelApi;
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Names reported by the health service beside "" and the service's own. */
  readonly extraHealth?: readonly string[];
  /** Given the `authorization` metadata, empty when there is none; throws to refuse. Health and reflection are open. */
  readonly authorize?: (authorization: string) => Promise<void>;
  /** Told of faults on our side. */
  readonly log?: Log;
}

export interface ServedApi {
  readonly port: number;
  /** What the health service says of every name; true from the start. */
  setServing(serving: boolean): void;
  /** Refuses new calls, ends streams, lets the others finish for a while. */
  stop(): Promise<void>;
}

// Its failures come back as errors; the library would besides print them in a format of its own.
setLogVerbosity(logVerbosity.NONE);

/** Serves the API over gRPC with health and reflection. Errors: `port_unavailable`. */
export async function serveApi(options: ServeOptions): Promise<ServedApi> {
  const stopping = new AbortController();
  const server = new Server();
  server.addService(SentinelServiceService, handlers(options, stopping.signal));
  const names = ["", SERVICE, ...(options.extraHealth ?? [])];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, "SERVING"])));
  health.addToServer(server);
  new ReflectionService(loadFileDescriptorSetFromBuffer(readDescriptorSet())).addToServer(server);
  const port = await bind(server, options.host, options.port);
  const setServing = (serving: boolean): void => {
    for (const name of names) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
  };
  const stop = (): Promise<void> => {
    setServing(false);
    stopping.abort();
    return shutDown(server);
  };
  return { port, setServing, stop };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (cause, bound) => {
      if (cause === null) resolve(bound);
      else reject(new SentinelError("port_unavailable", { address, reason: cause.message }, { cause }));
    });
  });
}

async function shutDown(server: Server): Promise<void> {
  const done = new AbortController();
  const finished = new Promise<void>((resolve) => {
    server.tryShutdown(() => {
      done.abort();
      resolve();
    });
  });
  await Promise.race([finished, systemClock.sleep(STOP_LIMIT_MS, done.signal)]);
  server.forceShutdown();
}

function handlers(options: ServeOptions, stopping: AbortSignal): SentinelServiceServer {
  const { api } = options;
  const unary = <Request, Response>(
    operation: (request: Request, context: CallContext) => Promise<Response>,
  ): handleUnaryCall<Request, Response> => unaryHandler(operation, options);
  return {
    createMonitor: unary(api.createMonitor),
    listMonitors: unary(api.listMonitors),
    getMonitor: unary(api.getMonitor),
    updateMonitor: unary(api.updateMonitor),
    deleteMonitor: unary(api.deleteMonitor),
    checkMonitor: unary(api.checkMonitor),
    listChecks: unary(api.listChecks),
    getMonitorStats: unary(api.getMonitorStats),
    listIncidents: unary(api.listIncidents),
    getIncident: unary(api.getIncident),
    acknowledgeIncident: unary(api.acknowledgeIncident),
    commentIncident: unary(api.commentIncident),
    resolveIncident: unary(api.resolveIncident),
    listChannels: unary(api.listChannels),
    testChannel: unary(api.testChannel),
    listDeadLetters: unary(api.listDeadLetters),
    getDeadLetter: unary(api.getDeadLetter),
    replayDeadLetter: unary(api.replayDeadLetter),
    getKpis: unary(api.getKpis),
    discardDeadLetter: unary(api.discardDeadLetter),
    takePing: unary(api.takePing),
    getHeartbeat: unary(api.getHeartbeat),
    getPingAddress: unary(api.getPingAddress),
    listMaintenance: unary(api.listMaintenance),
    createMaintenance: unary(api.createMaintenance),
    endMaintenance: unary(api.endMaintenance),
    deleteMaintenance: unary(api.deleteMaintenance),
    getStatus: unary(api.getStatus),
    watch: streamHandler(api.watch, options, stopping),
  };
}

type AnyCall<Request, Response> = ServerUnaryCall<Request, Response> | ServerWritableStream<Request, Response>;

function contextOf<Request, Response>(call: AnyCall<Request, Response>): CallContext {
  const gone = new AbortController();
  call.on("cancelled", () => gone.abort());
  return { signal: gone.signal, traceparent: text(call, "traceparent") };
}

function text<Request, Response>(call: AnyCall<Request, Response>, key: string): string {
  return call.metadata.get(key)[0]?.toString() ?? "";
}

function unaryHandler<Request, Response>(
  operation: (request: Request, context: CallContext) => Promise<Response>,
  options: ServeOptions,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const answer = async (): Promise<void> => {
      try {
        const context = contextOf(call);
        await options.authorize?.(text(call, "authorization"));
        callback(null, await operation(call.request, context));
      } catch (error) {
        callback(told(error, call.getPath(), options.log));
      }
    };
    void answer();
  };
}

function streamHandler<Request, Response>(
  operation: (request: Request, context: CallContext) => AsyncIterable<Response>,
  options: ServeOptions,
  stopping: AbortSignal,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const answer = async (): Promise<void> => {
      const context = contextOf(call);
      const signal = AbortSignal.any([context.signal, stopping]);
      try {
        await options.authorize?.(text(call, "authorization"));
        for await (const response of operation(call.request, { ...context, signal })) {
          if (signal.aborted) break;
          // A reader that lags slows the source down instead of filling this process.
          if (!call.write(response)) await once(call, "drain", { signal });
        }
        call.end();
      } catch (error) {
        if (signal.aborted) call.end();
        else call.emit("error", told(error, call.getPath(), options.log));
      }
    };
    void answer();
  };
}

function told(error: unknown, path: string, log: Log = silentLog): ReturnType<typeof toStatus> {
  if (SentinelError.from(error).code === "internal") log.error("grpc.call_failed", { path, error });
  return toStatus(error);
}
