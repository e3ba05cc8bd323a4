import { STREAM_CHECKS } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus, Message } from "@sentinel/messaging";
import { batches } from "./batches.ts";
import { type StreamPlace, type StreamTurn, turnBefore, turnOf } from "./core/stream-course.ts";
import { createPlacesRead, whenTurned } from "./when-turned.ts";
import { type FoldDeps, foldBatch, type Folded, placePrintOf } from "./fold.ts";
import { beginGeneration, type Turned } from "./forgotten.ts";
import type { Partition } from "./store/port.ts";

/** A monitor's state is written once per batch, so results that wait are cheapest in large ones. */
const MAX_BATCH = 4000;
/** Between two batches: nobody notices it, and a transaction for five results costs little more than one for one. */
const GATHER_MS = 40;
/** Tries in a row that failed before it counts as trouble: a store that restarts is back within them. */
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
}

/** Reads check results from where the last batch ended and folds them in batches, until the signal ends. */
export async function onCheck(
  deps: OnCheckDeps,
  onFolded: (folded: Folded) => void,
  signal: AbortSignal,
): Promise<void> {
  const { kit, bus, store } = deps;
  let failures = 0;
  let hasRead = false;
  const onTry = (done: boolean): void => {
    failures = done ? 0 : failures + 1;
    if (!done) deps.onFailed();
    deps.onTrouble(failures < TROUBLE_AFTER ? null : "fold_failing");
  };
  const turn = async (kind: StreamTurn, epoch: string): Promise<void> => {
    const tell = hasRead || !deps.forgetsAtStart;
    deps.onTurned(await beginGeneration(deps, { kind, epoch }, tell));
  };
  while (!signal.aborted) {
    const reading = new AbortController();
    const either = AbortSignal.any([signal, reading.signal]);
    try {
      let place = placeOf(await store.transaction((tx) => tx.partitions.all()));
      const end = await bus.state(STREAM_CHECKS);
      const turned = turnOf(end, place);
      if (turned !== undefined) {
        await turn(turned, end.epoch);
        place = { epoch: end.epoch, seq: 0, fingerprint: "" };
      }
      // The last one comes again, which shows whether it is still the same.
      const from = { afterSeq: Math.max(0, place.seq - 1), ...(place.epoch === "" ? {} : { epoch: place.epoch }) };
      const stream = bus.read(STREAM_CHECKS, { ...from, filter: "chk.v1.>", signal: either });
      const places = createPlacesRead(kit.clock);
      if (place.epoch !== "") places.note(place);
      let seen: StreamTurn | undefined;
      void whenTurned({ kit, bus, places }, either).then((found) => {
        if (either.aborted) return;
        seen = found;
        reading.abort();
      });
      for await (const batch of batches(stream, MAX_BATCH)) {
        const course = follow(batch, place);
        if (course.messages.length > 0) {
          const folded = await foldUntilDone(deps, course.messages, onTry, signal);
          if (folded === undefined) return;
          onFolded(folded);
        }
        place = course.place;
        places.note(place);
        hasRead = true;
        if (course.turn !== undefined) {
          seen = undefined;
          await turn(course.turn, course.epoch);
          break;
        }
        if (batch.length < MAX_BATCH) await kit.clock.sleep(GATHER_MS, either);
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

/** The messages up to the first that cannot follow what was read. */
function follow(batch: readonly Message[], from: StreamPlace) {
  let place = from;
  const messages: Message[] = [];
  for (const message of batch) {
    // Only the place where reading began is compared by content.
    const fingerprint = message.seq === place.seq ? placePrintOf(message) : "";
    const here: StreamPlace = { epoch: message.epoch, seq: message.seq, fingerprint };
    const turn = turnBefore(here, place);
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

/**
 * The furthest place in the newest course of the stream: one reader folds in order, so all before it is folded. Should
 * the stream have another life by now, the bus begins with its first message.
 */
function placeOf(partitions: readonly Partition[]): StreamPlace {
  const generation = Math.max(...partitions.map((partition) => partition.generation));
  const newest = partitions.filter((partition) => partition.generation === generation);
  const epoch =
    newest
      .map((partition) => partition.streamEpoch)
      .toSorted()
      .at(-1) ?? "";
  const last = newest
    .filter((partition) => partition.streamEpoch === epoch)
    .toSorted((a, b) => a.lastSeq - b.lastSeq)
    .at(-1);
  if (epoch === "" || last === undefined) return { epoch: "", seq: 0, fingerprint: "" };
  return { epoch, seq: last.lastSeq, fingerprint: last.lastFingerprint };
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
