import { type CheckResult, PARTITIONS, STREAM_CHECKS, partitionInSubject, Verdict } from "@sentinel/contracts";
import { CheckResult as CheckResultCodec, MonitorChanged, MonitorCreated, type Monitor } from "@sentinel/contracts";
import { nextSlot, phaseOf } from "@sentinel/prober";
import type { BrokerStream, StoredMessage } from "../broker-stream.ts";
import type { Violation } from "../invariants.ts";
import type { FoldTx, TakenRow } from "../sim-store.ts";
import type { World } from "../world.ts";

const HOUR_MS = 3_600_000;

export async function auditChecks(world: World, tx: FoldTx): Promise<readonly Violation[]> {
  return [
    ...nothingAcknowledgedIsLost(world),
    ...(await watermarksAreTrue(world, tx)),
    ...(await foldedOnce(world, tx)),
  ];
}

/** What the prober was told is safe is on its disk, or in the store. */
function nothingAcknowledgedIsLost({ disks, store }: World): readonly Violation[] {
  const violations: Violation[] = [];
  for (const disk of new Set(Object.values(disks))) {
    for (const id of disk.acknowledged.keys()) {
      if (!store.rows.has(id) && !disk.kept.has(id))
        violations.push({ rule: "no acknowledged result is lost", what: id });
    }
  }
  return violations;
}

/** What a watermark has passed in this life of the stream is in the store. */
async function watermarksAreTrue({ broker, store }: World, tx: FoldTx): Promise<readonly Violation[]> {
  if (!broker.up) return [];
  const partitions = await tx.partitions.all();
  const stream = broker.stream(STREAM_CHECKS);
  if (stream.truncated) return [];
  const marks = new Map(
    partitions.filter((each) => each.streamEpoch === stream.epoch).map(({ part, lastSeq }) => [part, lastSeq]),
  );
  return unfolded(store, stream.messages, (part, seq) => part < PARTITIONS && seq <= (marks.get(part) ?? 0));
}

/** What a watermark that goes on from one place to the next leaves behind without its being stored. */
export function passedUnfolded(
  store: World["store"],
  stream: BrokerStream,
  passed: { readonly part: number; readonly fromSeq: number; readonly toSeq: number },
): readonly Violation[] {
  const messages: StoredMessage[] = [];
  for (let { fromSeq: seq } = passed; ;) {
    const message = stream.after(seq);
    if (message === undefined || message.seq > passed.toSeq) break;
    messages.push(message);
    ({ seq } = message);
  }
  return unfolded(store, messages, (part) => part === passed.part);
}

function unfolded(
  store: World["store"],
  messages: readonly StoredMessage[],
  passed: (part: number, seq: number) => boolean,
): readonly Violation[] {
  return messages.flatMap((message) => {
    const { part, id } = placeOf(message);
    if (!passed(part, message.seq) || store.rows.has(id)) return [];
    return [{ rule: "watermark", what: `${part} is past ${message.seq}, ${id} is not folded` }];
  });
}

const places = new WeakMap<StoredMessage, { readonly part: number; readonly id: string }>();

/** Where a message belongs and what it is about, read once. */
function placeOf(message: StoredMessage): { readonly part: number; readonly id: string } {
  const known = places.get(message);
  if (known !== undefined) return known;
  const { monitorId, region, slotMs } = CheckResultCodec.decode(message.data);
  const place = { part: partitionInSubject(message.subject), id: `${monitorId}:${region}:${slotMs}` };
  places.set(message, place);
  return place;
}

/** Counts and uptime are those of the rows: nothing was folded twice, or forgotten. */
async function foldedOnce({ store }: World, tx: FoldTx): Promise<readonly Violation[]> {
  const rows = [...store.rows.values()];
  const totals = await tx.totals.sum();
  const checks = rows.filter(({ verdict }) => verdict !== Verdict.MISSED).length;
  const violations: Violation[] = [];
  if (totals.checks !== checks) {
    violations.push({ rule: "each result is folded once", what: `${totals.checks} counted, ${checks} rows` });
  }
  const expected = new Map<string, number>();
  for (const { monitorId, slotMs, verdict, result } of rows) {
    const key = `${monitorId} ${Math.floor(slotMs / HOUR_MS) * HOUR_MS} ${columnOf(verdict)}`;
    const rounds = verdict === Verdict.MISSED ? Math.max(1, result.missedSlots) : 1;
    expected.set(key, (expected.get(key) ?? 0) + rounds);
  }
  for (const { monitorId, hourMs, ...counts } of await tx.uptime.since(0)) {
    for (const column of ["healthy", "degraded", "down", "unknown", "missed"] as const) {
      const key = `${monitorId} ${hourMs} ${column}`;
      const wanted = expected.get(key) ?? 0;
      expected.delete(key);
      if (counts[column] === wanted) continue;
      violations.push({ rule: "uptime is that of the rows", what: `${key}: ${counts[column]}, rows ${wanted}` });
    }
  }
  for (const key of expected.keys())
    violations.push({ rule: "uptime is that of the rows", what: `${key}: not counted` });
  return violations;
}

function columnOf(verdict: Verdict): string {
  const name = verdict.replace("VERDICT_", "").toLowerCase();
  return ["healthy", "degraded", "down", "missed"].includes(name) ? name : "unknown";
}

/**
 * Between the first and the last round of each version of a monitor every slot was run, or is known to be missed; but for
 * those before a start on a disk that was full in all rounds until then.
 */
export async function auditCoverage(world: World, tx: FoldTx): Promise<readonly Violation[]> {
  const monitors = await versionsOf(tx, world);
  const violations: Violation[] = [];
  for (const rows of Map.groupBy(world.store.rows.values(), ({ result }) => roundsKey(result)).values()) {
    const monitor = monitors.get(versionKey(rows[0]?.result));
    if (monitor?.spec === undefined || monitor.spec.paused) continue;
    const disk = world.disks[rows[0]?.result.region === "far" ? "far" : "prober"];
    const phaseMs = phaseOf(monitor.id, monitor.spec.everyMs);
    const hole = firstHole(rows, monitor.spec.everyMs, phaseMs, disk.blindUntilMs(monitor.id));
    if (hole !== undefined) {
      violations.push({ rule: "no slot is lost", what: `${monitor.spec.name} version ${monitor.version}: ${hole}` });
    }
  }
  return violations;
}

const versionKey = (result: CheckResult | undefined): string => `${result?.monitorId} ${result?.monitorVersion}`;

/** Each region runs every slot. */
const roundsKey = (result: CheckResult): string => `${versionKey(result)} ${result.region}`;

function firstHole(rows: readonly TakenRow[], everyMs: number, phaseMs: number, fromMs: number): string | undefined {
  const run = new Set(rows.filter(({ verdict }) => verdict !== Verdict.MISSED).map(({ slotMs }) => slotMs));
  const missed = rows.filter(({ verdict }) => verdict === Verdict.MISSED).map(({ result }) => result);
  const grid = [...run].filter((slotMs) => (slotMs - phaseMs) % everyMs === 0);
  const first = Math.min(...grid, ...missed.map(({ slotMs }) => slotMs));
  const last = Math.max(...grid, ...missed.map(({ missedUntilMs }) => missedUntilMs));
  for (let slotMs = nextSlot(Math.max(first - 1, fromMs), everyMs, phaseMs); slotMs <= last; slotMs += everyMs) {
    if (run.has(slotMs)) continue;
    if (missed.some((each) => each.slotMs <= slotMs && slotMs <= each.missedUntilMs)) continue;
    return `${new Date(slotMs).toISOString()} of ${everyMs} ms, from ${new Date(first).toISOString()}`;
  }
  return undefined;
}

/** Each version that a monitor ever had, from the log. */
async function versionsOf(tx: FoldTx, { store }: World): Promise<ReadonlyMap<string, Monitor>> {
  const ids = new Set([...store.rows.values()].map(({ monitorId }) => monitorId));
  const versions = new Map<string, Monitor>();
  for (const id of ids) {
    for (const event of await tx.events.read(`monitor-${id}`)) {
      const decode = { "monitor.created": MonitorCreated, "monitor.changed": MonitorChanged }[event.type];
      const monitor = decode?.decode(event.payload).monitor;
      if (monitor !== undefined) versions.set(`${id} ${monitor.version}`, monitor);
    }
  }
  return versions;
}
