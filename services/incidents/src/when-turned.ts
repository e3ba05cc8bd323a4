import { STREAM_CHECKS } from "@sentinel/contracts";
import type { Bus } from "@sentinel/messaging";
import type { Clock, ServiceKit } from "@sentinel/service-kit";
import { type StreamPlace, type StreamTurn, turnBefore, turnOf } from "./core/stream-course.ts";
import { placePrintOf } from "./fold.ts";

const LOOK_EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 5000;

/** Two places apart at least, and how many: some more than are read between two looks. */
const APART_MS = 700;
const PAUSE_MS = 200;
const MOST = 16;

/** Where batches ended lately: a stream may lose and number again what was read before the newest of them. */
export interface PlacesRead {
  note(place: StreamPlace): void;
  all(): readonly StreamPlace[];
  /** They are as they were read. */
  forgetBut(place: StreamPlace | undefined): void;
}

export function createPlacesRead(clock: Clock): PlacesRead {
  let places: readonly { readonly atMs: number; readonly place: StreamPlace }[] = [];
  return {
    note: (place) => {
      const atMs = clock.monotonic();
      const [before, last] = places.slice(-2);
      // A broker that loses something is away for a while, so the last place before a pause is kept.
      const flowing =
        before !== undefined && last !== undefined && atMs - last.atMs < PAUSE_MS && atMs - before.atMs < APART_MS;
      const spaced = flowing ? places.slice(0, -1) : places;
      places = [...spaced, { atMs, place }].slice(-MOST);
    },
    all: () => places.map(({ place }) => place),
    forgetBut: (kept) => {
      places = places.filter(({ place }) => place === kept);
    },
  };
}

interface Watched {
  readonly kit: Pick<ServiceKit, "clock">;
  readonly bus: Bus;
  readonly places: PlacesRead;
}

/**
 * Resolves when the stream no longer holds what was read of it, which a reader that is already past the
 * numbers given twice would never see; with undefined when the signal ends. Looks every 10 s and when the bus comes back.
 */
export async function whenTurned({ kit, bus, places }: Watched, signal: AbortSignal): Promise<StreamTurn | undefined> {
  let soon = new AbortController();
  const stopListening = bus.onBack(() => soon.abort());
  try {
    while (!signal.aborted) {
      soon = new AbortController();
      await kit.clock.sleep(LOOK_EVERY_MS, AbortSignal.any([signal, soon.signal]));
      if (signal.aborted) return undefined;
      // A bus that is away is asked again later.
      const turn = await turnSince({ kit, bus, places }, signal).catch(() => undefined);
      if (turn !== undefined) return turn;
    }
    return undefined;
  } finally {
    stopListening();
  }
}

async function turnSince({ kit, bus, places }: Watched, signal: AbortSignal): Promise<StreamTurn | undefined> {
  const read = places.all();
  const end = await bus.state(STREAM_CHECKS);
  for (const place of read) {
    const turn = turnOf(end, place);
    if (turn !== undefined) return turn;
    // What is too old to be kept says nothing.
    if (place.fingerprint === "" || place.seq < end.firstSeq) continue;
    if (await isAnother({ kit, bus }, place, signal)) return "shortened";
  }
  places.forgetBut(places.all().at(-1));
  return undefined;
}

/** Whether another message has the number of this place. */
async function isAnother(
  { kit, bus }: Pick<Watched, "kit" | "bus">,
  place: StreamPlace,
  signal: AbortSignal,
): Promise<boolean> {
  const done = new AbortController();
  void kit.clock.sleep(ANSWER_WITHIN_MS, AbortSignal.any([signal, done.signal])).then(() => done.abort());
  const from = { afterSeq: place.seq - 1, epoch: place.epoch, signal: AbortSignal.any([signal, done.signal]) };
  try {
    for await (const message of bus.read(STREAM_CHECKS, from)) {
      const { epoch, seq } = message;
      return turnBefore({ epoch, seq, fingerprint: placePrintOf(message) }, place) !== undefined;
    }
    return false;
  } finally {
    done.abort();
  }
}
