import type { Server } from "node:http";
import { createServer } from "node:http";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckResult, Verdict } from "@sentinel/contracts";
import { records } from "../../services/prober/src/spool/segment.ts";

/** A request that a target answered: what really happened, whatever the log says. */
export interface Answered {
  readonly atMs: number;
  readonly status: number;
  /** True when it was knocked to wake it up, false when it was probed. */
  readonly knock: boolean;
}

/** Everything one target saw. */
export interface TargetLedger {
  /** Name of the monitor that watches it. */
  readonly name: string;
  readonly answered: readonly Answered[];
}

/** A message that reached a receiver. */
export interface Delivery {
  readonly atMs: number;
  readonly channel: string;
  /** The same for every try of one message. */
  readonly id: string;
  readonly kind: string;
  /** It says itself that it may have come before. */
  readonly possibleDuplicate: boolean;
}

/** A process that was ended without warning. */
export interface Kill {
  readonly atMs: number;
  readonly what: string;
  /** Whether a probe under way may have been lost with it. */
  readonly prober: boolean;
  /** Whether a repair under way was lost with it. */
  readonly executor: boolean;
}

/** A time in which the clock of one process went wrong by this much. */
export interface Shift {
  readonly service: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

/** A time in which something else than a kill or a clock was in the way. */
export interface Disturbance {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What the world outside saw: the log has to agree with it. */
export interface Ledgers {
  readonly targets: readonly TargetLedger[];
  readonly deliveries: readonly Delivery[];
  /** How many processes make repairs, each of which has a name in `kills` of its own. */
  readonly executors: number;
  readonly kills: readonly Kill[];
  readonly shifts: readonly Shift[];
  readonly troubles: readonly Disturbance[];
  /** Results found on the prober's disk after a kill: acknowledged, and so never to be lost. By id. */
  readonly spooled: ReadonlyMap<string, CheckResult>;
}

export interface World {
  readonly ledgers: Ledgers;
  readonly targets: readonly ScriptedTarget[];
  readonly hookUrl: string;
  noteKill(kill: Kill): void;
  noteShift(shift: Shift): void;
  /** Something of Sentinel's is in the way until the work ends. */
  disturb<T>(work: () => Promise<T>): Promise<T>;
  noteSpool(folder: string): Promise<void>;
  /** The receiver refuses this many tries with 503, of one message two at most: a third would wait for minutes. */
  refuseMessages(count: number): void;
  stop(): Promise<void>;
}

/** A target that is awake or asleep, as a script says; asleep it answers 503, and a knock wakes it a moment later. */
export interface ScriptedTarget {
  readonly name: string;
  readonly url: string;
  readonly asleep: () => boolean;
  fallAsleep(): void;
  wake(): void;
}

const WAKES_AFTER_MS = 700;

/** Targets and a receiver of messages on loopback, each with a ledger of its own. */
export async function startWorld(names: readonly string[], executors = 1): Promise<World> {
  const targets = await Promise.all(names.map(startTarget));
  const sink = await startSink();
  const kills: Kill[] = [];
  const shifts: Shift[] = [];
  const troubles: { readonly fromMs: number; untilMs: number }[] = [];
  const spooled = new Map<string, CheckResult>();
  return {
    ledgers: {
      targets: targets.map(({ ledger }) => ledger),
      deliveries: sink.deliveries,
      executors,
      kills,
      shifts,
      troubles,
      spooled,
    },
    targets: targets.map(({ target }) => target),
    hookUrl: sink.url,
    noteKill: (kill) => void kills.push(kill),
    noteShift: (shift) => void shifts.push(shift),
    disturb: async (work) => {
      const trouble = { fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
      troubles.push(trouble);
      try {
        return await work();
      } finally {
        trouble.untilMs = Date.now();
      }
    },
    noteSpool: async (folder) => {
      for (const result of await readSpool(folder)) spooled.set(checkId(result), result);
    },
    refuseMessages: (count) => sink.refuse(count),
    stop: async () => {
      await Promise.all([...targets.map((target) => target.stop()), sink.stop()]);
    },
  };
}

/** As the prober and the log tell one round from another. */
export const checkId = ({ monitorId, region, slotMs }: Pick<CheckResult, "monitorId" | "region" | "slotMs">): string =>
  `${monitorId}:${region}:${slotMs}`;

/** The whole records of a spool folder, read from outside; one that is being removed meanwhile has been confirmed. */
export async function readSpool(folder: string): Promise<readonly CheckResult[]> {
  const names = await readdir(folder).catch(() => []);
  const found: CheckResult[] = [];
  for (const name of names.filter((each) => each.endsWith(".spool"))) {
    const bytes = await readFile(join(folder, name)).catch(() => new Uint8Array());
    for (const record of records(bytes)) found.push(CheckResult.decode(record));
  }
  return found;
}

/** True for a result of a round that was run, not a record of slots that were missed. */
export const wasRun = ({ verdict }: Pick<CheckResult, "verdict">): boolean => verdict !== Verdict.MISSED;

async function startTarget(name: string): Promise<{
  readonly ledger: TargetLedger;
  readonly target: ScriptedTarget;
  stop(): Promise<void>;
}> {
  let asleep = false;
  let waking: NodeJS.Timeout | undefined;
  const answered: Answered[] = [];
  const wake = (): void => {
    clearTimeout(waking);
    waking = undefined;
    asleep = false;
  };
  const server = createServer((request, response) => {
    const knock = request.headers["sentinel-purpose"] === "wake-up";
    const status = asleep ? 503 : 200;
    answered.push({ atMs: Date.now(), status, knock });
    if (knock && asleep) waking ??= setTimeout(wake, WAKES_AFTER_MS);
    response.writeHead(status).end(asleep ? "asleep" : "awake");
  });
  const port = await listen(server);
  const fallAsleep = (): void => {
    wake();
    asleep = true;
  };
  return {
    ledger: { name, answered },
    target: { name, url: `http://127.0.0.1:${port}/`, asleep: () => asleep, fallAsleep, wake },
    stop: () => close(server),
  };
}

const MAX_REFUSALS = 2;

interface Message {
  readonly type: string;
  readonly data: { readonly possibleDuplicate: boolean };
}

async function startSink(): Promise<{
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  refuse(count: number): void;
  stop(): Promise<void>;
}> {
  const deliveries: Delivery[] = [];
  let refusals = 0;
  const refused = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      const id = String(request.headers["webhook-id"]);
      const before = refused.get(id) ?? 0;
      if (refusals > 0 && before < MAX_REFUSALS) {
        refusals -= 1;
        refused.set(id, before + 1);
        response.writeHead(503).end();
        return;
      }
      const message: Message = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      deliveries.push({
        atMs: Date.now(),
        channel: (request.url ?? "/").slice(1),
        id,
        kind: message.type.replace("incident.", ""),
        possibleDuplicate: message.data.possibleDuplicate,
      });
      response.writeHead(204).end();
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    deliveries,
    refuse: (count) => {
      refusals += count;
    },
    stop: () => close(server),
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
