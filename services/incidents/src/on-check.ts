import { STREAM_CHECKS } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus, Message } from "@sentinel/messaging";
import { aborted } from "@sentinel/service-kit";
import { batches } from "./batches.ts";
import { type StreamPlace, type StreamTurn, turnBefore, turnOf } from "./core/stream-course.ts";
import { createPlacesRead, whenTurned } from "./when-turned.ts";
import { cursorOf, fence, type FoldDeps, foldBatch, type Folded, placePrintOf } from "./fold.ts";
import { beginGeneration, joinGeneration, type Turned } from "./forgotten.ts";
import { createPace } from "./pace.ts";
import type { Partition } from "./store/port.ts";

/** What a transaction costs is shared by its results, so those that wait are cheapest in large batches. */
const MAX_BATCH = 4000;
/** Where batches follow each other: nobody notices it, and a transaction for five results costs little more than one for one. */
const GATHER_MS = 40;
/** So many after a quiet moment are folded as they come. */
const AT_ONCE = 8;
/** Tries in a row that failed before it counts as trouble: a store that restarts is back within them. */
/** How far behind a partition without results may stand. */
const PASS_EVERY_MS = 10_000;
const TROUBLE_AFTER = 3;
const RETRY_MS = [100, 250, 500, 1000, 2000] as const;

export interface OnCheckDeps extends FoldDeps {
  readonly bus: Bus;
  /** Told `fold_failing` when batch after batch cannot be folded, null when one was again. */
  readonly onTrouble: (trouble: "fold_failing" | null) => void;
  /** Called for each try to fold a batch that failed. */
  readonly onFailed: () => void;
  /** The bus begins a new life with each start of this process: that it forgets then is no incident. */
  readonly forgetsAtStart: boolean;
  /** After the places have begun anew. */
  readonly onTurned: (turned: Turned) => void;
  /** Results that other members fold. */
  readonly onForeign: (messages: readonly Message[]) => void;
}

/**
 * Reads check results from where the partitions of this process stand and folds them in batches, until the signal ends;
 * what is in hand then is folded before this ends. @throws SentinelError `lease_lost`
 */
export async function onCheck(
  deps: OnCheckDeps,
  onFolded: (folded: Folded) => void,
  signal: AbortSignal,
): Promise<void> {
  const { kit, bus } = deps;
  if (deps.epochs.size === 0) return await aborted(signal);
  let failures = 0;
  let hasRead = false;
  const pace = createPace(kit.clock, GATHER_MS, AT_ONCE);
  const onTry = (done: boolean): void => {
    failures = done ? 0 : failures + 1;
    if (!done) deps.onFailed();
    deps.onTrouble(failures < TROUBLE_AFTER ? null : "fold_failing");
  };
  const tells = (): boolean => hasRead || !deps.forgetsAtStart;
  const turn = async (kind: StreamTurn, epoch: string): Promise<void> => {
    deps.onTurned(await beginGeneration(deps, { kind, epoch }, tells()));
  };
  while (!signal.aborted) {
    const reading = new AbortController();
    const either = AbortSignal.any([signal, reading.signal]);
    try {
      const places = await openPlaces(deps, await bus.state(STREAM_CHECKS), tells());
      let place = earliest([...places.values()]);
      const marks = new Map([...places.values()].map(({ seq, fingerprint }) => [seq, fingerprint]));
      let idleAtMs = kit.clock.monotonic();
      // The last one comes again, which shows whether it is still the same.
      const from = { afterSeq: Math.max(0, place.seq - 1), ...(place.epoch === "" ? {} : { epoch: place.epoch }) };
      const stream = bus.read(STREAM_CHECKS, { ...from, filter: "chk.v1.>", signal: either });
      const read = createPlacesRead(kit.clock);
      if (place.epoch !== "") read.note(place);
      let seen: StreamTurn | undefined;
      void whenTurned({ kit, bus, places: read }, either).then((found) => {
        if (either.aborted) return;
        seen = found;
        reading.abort();
      });
      for await (const batch of batches(stream, MAX_BATCH)) {
        const course = follow(batch, place, marks);
        const { own, foreign } = divide(course.messages, places);
        if (own.length > 0) {
          const folded = await foldUntilDone(deps, own, onTry, signal);
          if (folded === undefined) return;
          onFolded(folded);
        }
        deps.onForeign(foreign);
        place = course.place;
        read.note(place);
        hasRead = true;
        if (course.turn !== undefined) {
          seen = undefined;
          await turn(course.turn, course.epoch);
          break;
        }
        if (kit.clock.monotonic() - idleAtMs >= PASS_EVERY_MS) {
          idleAtMs = kit.clock.monotonic();
          await passQuiet(deps, place);
        }
        if (batch.length < MAX_BATCH) await pace.next(either);
      }
      // Another epoch is found, and told of, where reading begins again.
      if (seen === "shortened" && !signal.aborted) await turn(seen, place.epoch);
    } catch (error) {
      if (error instanceof SentinelError && error.code === "lease_lost") throw error;
      if (!signal.aborted) kit.log.warn("incidents.fold_interrupted", { error });
      deps.cache.clear();
      await kit.clock.sleep(1000, signal);
    } finally {
      reading.abort();
    }
  }
}

/**
 * Where each owned partition stands in the stream as it is now. Those that stand in an older course of it begin anew:
 * in a new generation if nobody has noticed yet, else in the one that the others have reached.
 */
async function openPlaces(
  deps: OnCheckDeps,
  end: { readonly epoch: string; readonly lastSeq: number },
  tell: boolean,
): Promise<Map<number, StreamPlace>> {
  const partitions = await deps.store.transaction((tx) => tx.partitions.all());
  const newest = Math.max(...partitions.map(({ generation }) => generation));
  const places = new Map<number, StreamPlace>();
  const behind: number[] = [];
  const turned = new Map<StreamTurn, number[]>();
  for (const partition of partitions) {
    if (!deps.epochs.has(partition.part)) continue;
    const place = placeOf(partition);
    const kind = turnOf(end, place);
    if (partition.generation < newest) behind.push(partition.part);
    else if (kind !== undefined) turned.set(kind, [...(turned.get(kind) ?? []), partition.part]);
    places.set(partition.part, place);
  }
  for (const [kind, parts] of turned) {
    deps.onTurned(await beginGeneration(deps, { kind, epoch: end.epoch }, tell, parts));
  }
  if (behind.length > 0)
    deps.onTurned(await joinGeneration(deps, { parts: behind, epoch: end.epoch, generation: newest }));
  for (const part of [...behind, ...turned.values()].flat())
    places.set(part, { epoch: end.epoch, seq: 0, fingerprint: "" });
  return places;
}

const placeOf = ({ streamEpoch, lastSeq, lastFingerprint }: Partition): StreamPlace => ({
  epoch: streamEpoch,
  seq: streamEpoch === "" ? 0 : lastSeq,
  fingerprint: lastFingerprint,
});

/** A partition of which nothing was ever read stands before all others. */
function earliest(places: readonly StreamPlace[]): StreamPlace {
  const known = places.filter(({ epoch }) => epoch !== "").toSorted((a, b) => a.seq - b.seq)[0];
  if (known === undefined) return { epoch: "", seq: 0, fingerprint: "" };
  return known.seq === 0 || places.length === places.filter(({ epoch }) => epoch !== "").length
    ? known
    : { epoch: known.epoch, seq: 0, fingerprint: "" };
}

/**
 * The messages up to the first that cannot follow what was read: `marks` are the fingerprints of messages at which
 * partitions stand, by sequence, and another message in the place of one shows that the stream took another course.
 */
function follow(batch: readonly Message[], from: StreamPlace, marks: ReadonlyMap<number, string>) {
  let place = from;
  const messages: Message[] = [];
  for (const message of batch) {
    const mark = marks.get(message.seq) ?? "";
    const fingerprint = mark === "" && message.seq !== place.seq ? "" : placePrintOf(message);
    const here: StreamPlace = { epoch: message.epoch, seq: message.seq, fingerprint };
    const turn =
      turnBefore(here, place) ?? (mark === "" ? undefined : turnBefore(here, { ...here, fingerprint: mark }));
    if (turn !== undefined) return { messages, place, turn, epoch: message.epoch };
    // The one read last came again.
    if (here.epoch === place.epoch && here.seq === place.seq) continue;
    messages.push(message);
    place = here;
  }
  const last = messages.at(-1);
  if (last !== undefined) place = { ...place, fingerprint: placePrintOf(last) };
  return { messages, place, turn: undefined, epoch: place.epoch };
}

/** What is to be folded here, and what other members fold; what is folded already is neither. */
function divide(messages: readonly Message[], places: ReadonlyMap<number, StreamPlace>) {
  const own: Message[] = [];
  const foreign: Message[] = [];
  for (const message of messages) {
    const place = places.get(cursorOf(message.subject));
    if (place === undefined) foreign.push(message);
    else if (place.epoch !== message.epoch || message.seq > place.seq) own.push(message);
  }
  return { own, foreign };
}

/**
 * Partitions that had no results for a while stand where reading stands, so that whoever owns them next need not read
 * all again. @throws SentinelError `lease_lost`
 */
async function passQuiet(
  deps: OnCheckDeps,
  { epoch: streamEpoch, seq: lastSeq, fingerprint }: StreamPlace,
): Promise<void> {
  await deps.store.transaction(async (tx) => {
    const locked = await tx.partitions.lock([...deps.epochs.keys()]);
    fence(deps, locked);
    const quiet = locked.filter((each) => each.streamEpoch !== streamEpoch || each.lastSeq < lastSeq);
    await tx.partitions.advance(
      quiet.map(({ part }) => ({ part, streamEpoch, lastSeq, lastFingerprint: fingerprint })),
    );
  });
}

/** A store that is away is waited for: the batch is folded when it is back, or not at all. */
async function foldUntilDone(
  deps: FoldDeps,
  batch: readonly Message[],
  onTry: (done: boolean) => void,
  signal: AbortSignal,
): Promise<Folded | undefined> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const folded = await foldBatch(deps, batch);
      onTry(true);
      return folded;
    } catch (thrown) {
      const error = SentinelError.from(thrown);
      if (error.code === "lease_lost") throw error;
      deps.kit.log.warn("incidents.fold_failed", { error: thrown, attempt });
      onTry(false);
      deps.cache.clear();
      if (error.code === "internal" && attempt >= RETRY_MS.length) throw error;
      await deps.kit.clock.sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 2000, signal);
    }
  }
  return undefined;
}
