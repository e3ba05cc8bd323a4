import { CheckResult, subjects, Verdict } from "@sentinel/contracts";
import { bytes, type Database, numbers, texts } from "@sentinel/eventstore/postgres";
import type { Message } from "@sentinel/messaging";
import { foldBatch } from "../../services/incidents/src/fold.ts";
import { withFoldWorld } from "./fold-world.ts";
import { type Places, whereTimeGoes } from "./profile.ts";
import { type Bench, type Figure, times, treeCpuMs } from "./report.ts";

const MONITORS = 1000;

interface Spent {
  readonly perSecond: number;
  /** Per 1,000 results. */
  readonly nodeCpuMs: number;
  readonly postgresCpuMs: number;
}

/** Rounds in one batch: where one more or less keeps up, and as many as are taken at once when results wait. */
const FEW = 1;
const MANY = 4;

const PLACES: Places = [
  ["native code and the kernel", /\(program\)/],
  ["garbage collection", /\(garbage collector\)/],
  ["encoding segments", /checklog\/(segment|codes|columns)|node:zlib/],
  ["messages made and decoded", /generated\/|@bufbuild/],
  ["measuring", /test\/bench/],
  ["writing monitor states", /store\/(json-text|postgres\/monitors)/],
  [
    "reading and writing the database's socket, driver",
    /node_modules\/postgres|node:(net|internal\/stream|buffer|internal\/buffer)|writeUtf8String|writev|Latin1/,
  ],
  ["array literals", /array-literals/],
  ["deciding", /services\/incidents\/src\/(core|fold|partition-cache|incident-changes)/],
];

/**
 * Results folded per second: `foldBatch` on a durable PostgreSQL, one or four results of each of 1,000 monitors per batch,
 * one in a hundred of them down. The limit is a bare insert of the same bytes, one transaction per batch, on the same
 * server.
 */
export const foldRate: Bench = async ({ smoke }) => {
  const batches = smoke ? 5 : 100;
  return await withFoldWorld(MONITORS, async ({ database, deps, monitors, postgresPid, kit }) => {
    const fold = async (messages: readonly Message[]): Promise<void> => {
      await foldBatch(deps, messages);
    };
    const ids = monitors.map(({ id }) => id);
    const nowMs = kit.clock.now();
    const insert = await bareInsert(database);
    const rounds = roundsOf(ids, nowMs - (4 * batches + 6) * 1000);
    // The caches of both sides fill in the first rounds.
    await measured(postgresPid, 5, FEW, rounds, fold);
    const few = await measured(postgresPid, batches, FEW, rounds, fold);
    const many = await measured(postgresPid, batches, MANY, rounds, fold);
    const bare = roundsOf(ids, nowMs);
    const bareFew = await measured(postgresPid, batches, FEW, bare, insert);
    const bareMany = await measured(postgresPid, batches, MANY, bare, insert);
    const profiled = async (perBatch: number): Promise<Figure> => ({
      what: `of Node's CPU time for folding, batches of ${perBatch},000`,
      value: await whereTimeGoes(PLACES, async () => {
        await measured(postgresPid, batches, perBatch, rounds, fold);
      }),
      against: "–",
      ratio: "–",
    });
    const where = [await profiled(FEW), await profiled(MANY)];
    await demandFolded(database, (4 * batches + 5) * MONITORS);
    return [...figures("1,000", few, bareFew), ...figures("4,000", many, bareMany), ...where];
  });
};

function figures(size: string, ours: Spent, bare: Spent): readonly Figure[] {
  const cpu = ours.nodeCpuMs + ours.postgresCpuMs;
  const bareCpu = bare.nodeCpuMs + bare.postgresCpuMs;
  return [
    {
      what: `results folded per second, batches of ${size} over 1,000 monitors, 1 % down, fsync on`,
      value: `${ours.perSecond.toFixed(0)}/s`,
      against: `bare INSERT and COMMIT of the same bytes: ${bare.perSecond.toFixed(0)}/s`,
      ratio: times(ours.perSecond / bare.perSecond),
    },
    {
      what: `CPU-ms per 1,000 results folded, batches of ${size}`,
      value: `${cpu.toFixed(0)} (Node ${ours.nodeCpuMs.toFixed(0)}, PostgreSQL ${ours.postgresCpuMs.toFixed(0)})`,
      against: `bare INSERT: ${bareCpu.toFixed(0)} (Node ${bare.nodeCpuMs.toFixed(0)}, PostgreSQL ${bare.postgresCpuMs.toFixed(0)})`,
      ratio: times(cpu / bareCpu),
    },
  ];
}

/** Endless: one round of all monitors per second of their own time, encoded as the prober encodes it. */
function* roundsOf(ids: readonly string[], fromMs: number): Generator<Message[], never> {
  for (let seq = 1, slotMs = fromMs; ; slotMs += 1000) {
    const messages = ids.map((id, index): Message => {
      const data = CheckResult.encode(resultOf(id, index, slotMs)).finish();
      return { stream: "bench", epoch: "1", seq: seq++, subject: subjects.check(id, "local"), data, headers: {} };
    });
    yield messages;
  }
}

function resultOf(monitorId: string, index: number, slotMs: number): CheckResult {
  const down = index % 100 === 0;
  const verdict = down ? Verdict.DOWN : Verdict.HEALTHY;
  const reason = down ? "status_unexpected" : "";
  const params = { expected: "200", actual: "500" };
  return CheckResult.fromPartial({
    monitorId,
    region: "local",
    prober: "local",
    slotMs,
    startedAtMs: slotMs + 3,
    durationMs: 12.25,
    verdict,
    reason,
    monitorVersion: 1,
    endpoints: [
      {
        url: `http://127.0.0.1:8080/${index}`,
        verdict,
        reason,
        status: down ? 500 : 200,
        durationMs: 12.25,
        phases: { dnsMs: 0, connectMs: 0.5, tlsMs: 0, firstByteMs: 11.5, transferMs: 0.25 },
        evidence: down ? { requestLine: `GET /${index} HTTP/1.1`, status: 500, params } : undefined,
      },
    ],
  });
}

/** The least that any store of these results does: one row each, one durable transaction per batch. */
async function bareInsert(database: Database): Promise<(messages: readonly Message[]) => Promise<void>> {
  await database.sql`CREATE TABLE bare (monitor_id text, seq bigint, payload bytea, PRIMARY KEY (monitor_id, seq))`;
  return async (messages) => {
    await database.transaction(async (tx) => {
      await tx`
        INSERT INTO bare SELECT * FROM unnest(
          ${texts(messages.map(({ subject }) => subject))}::text[], ${numbers(messages.map(({ seq }) => seq))}::bigint[],
          ${bytes(messages.map(({ data }) => data))}::bytea[])`;
    });
  };
}

/** As many rounds, some in each batch. Making the messages is not counted: in life others do that. */
async function measured(
  postgresPid: number,
  rounds: number,
  perBatch: number,
  source: Generator<Message[], never>,
  run: (messages: readonly Message[]) => Promise<void>,
): Promise<Spent> {
  let wallMs = 0;
  let nodeMicros = 0;
  let postgresCpuMs = 0;
  for (let done = 0; done < rounds; done += perBatch) {
    const messages = Array.from({ length: Math.min(perBatch, rounds - done) }, () => source.next().value).flat();
    const postgresBefore = treeCpuMs(postgresPid);
    const cpu = process.cpuUsage();
    const from = performance.now();
    await run(messages);
    wallMs += performance.now() - from;
    const { user, system } = process.cpuUsage(cpu);
    nodeMicros += user + system;
    postgresCpuMs += treeCpuMs(postgresPid) - postgresBefore;
  }
  return {
    perSecond: (rounds * MONITORS * 1000) / wallMs,
    nodeCpuMs: nodeMicros / 1000 / rounds,
    postgresCpuMs: postgresCpuMs / rounds,
  };
}

/** A figure of work that was not done would be worth nothing. */
async function demandFolded(database: Database, results: number): Promise<void> {
  const [row] = await database.sql<{ checks: number; opened: number }[]>`
    SELECT (SELECT sum(rounds) FROM check_segments)::int AS checks, (SELECT count(*) FROM incidents)::int AS opened`;
  if (row?.checks !== results || row.opened !== MONITORS / 100) {
    throw new Error(`expected ${results} checks and ${MONITORS / 100} incidents, found ${JSON.stringify(row)}`);
  }
}
