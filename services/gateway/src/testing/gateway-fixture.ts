import { request } from "node:http";
import { createMetrics, noFailpoint, offTracing, type ServiceKit, silentLog } from "@sentinel/service-kit";
import { seededRandom, VirtualClock } from "@sentinel/testkit";
import { type Gateway, type GatewayDeps, startGateway } from "../start.ts";
import { FakeApi } from "./fake-api.ts";

/** What JSON.parse gives: tests look into it freely. */
type Parsed = ReturnType<typeof JSON.parse>;

export interface Fixture {
  readonly gateway: Gateway;
  readonly api: FakeApi;
  readonly clock: VirtualClock;
  ask(path: string, options?: AskOptions): Promise<Told>;
}

interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  /** Undefined when the body is no JSON. */
  readonly json: Parsed;
}

/** A gateway on a free port before an incidents service in memory, under a virtual clock. */
export async function openGateway(
  deps: Partial<GatewayDeps> = {},
  prepare: (api: FakeApi) => void = () => undefined,
): Promise<Fixture> {
  const clock = new VirtualClock();
  const api = new FakeApi();
  prepare(api);
  const kit: ServiceKit = {
    clock,
    random: seededRandom(1),
    log: silentLog,
    metrics: createMetrics(),
    tracing: offTracing,
    failpoint: noFailpoint,
  };
  const gateway = await startGateway({
    kit,
    api,
    http: { host: "127.0.0.1", port: 0 },
    grpc: undefined,
    staticDir: undefined,
    tokenHash: undefined,
    allowedHosts: [],
    version: "0.1.0",
    ...deps,
  });
  if (!api.refuseWatch) await gateway.ready;
  return { gateway, api, clock, ask: (path, options) => ask(gateway.url, path, options) };
}

/** One request with exactly these headers, Host included, which fetch would not send. */
function ask(url: string, path: string, { method = "GET", headers = {}, body }: AskOptions = {}): Promise<Told> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    // The path as it is written: a URL would resolve its dots before they are sent.
    const call = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json: parsed(text) });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

function parsed(text: string): Parsed {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Frame {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Parsed;
}

export interface Stream {
  readonly status: number;
  readonly contentType: string;
  /** The next frame; rejects when the stream ended. */
  next(): Promise<Frame>;
  /** Skips to the next frame of this event. */
  nextOf(event: string): Promise<Frame>;
  readonly ended: Promise<void>;
  close(): void;
}

/** Follows the live stream frame by frame. */
export async function follow(url: string, query = "", headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/v1/events${query}`, { headers, signal: stop.signal });
  const frames = framesOf(response);
  const ended = Promise.withResolvers<void>();
  const next = async (): Promise<Frame> => {
    const read = await frames.next();
    if (read.done !== true) return read.value;
    ended.resolve();
    throw new Error("the stream ended");
  };
  const nextOf = async (event: string): Promise<Frame> => {
    while (true) {
      const frame = await next();
      if (frame.event === event) return frame;
    }
  };
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    next,
    nextOf,
    ended: ended.promise,
    close: () => stop.abort(),
  };
}

async function* framesOf(response: Response): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => splitField(line)));
      const data = fields.get("data");
      if (data !== undefined) yield { event: fields.get("event") ?? "", id: fields.get("id"), data: JSON.parse(data) };
    }
  }
}

function splitField(line: string): [string, string] {
  const at = line.indexOf(": ");
  return [line.slice(0, at), line.slice(at + 2)];
}
