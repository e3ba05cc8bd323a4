import type { Watermark } from "@sentinel/contracts";
import type { PublishAck } from "@sentinel/messaging";
import type { Spooled } from "./spool/spool.ts";

type Place = NonNullable<Spooled["ack"]>;

/** Results that the fold has not confirmed, against the watermarks heard last. */
export interface Unconfirmed {
  /** What stands for this result now: the entry itself, or what took its place under the same id. */
  current(entry: Spooled): Spooled | undefined;
  add(entry: Spooled): void;
  /** False when something else stands in its place. */
  remove(entry: Spooled): boolean;
  all(): readonly Spooled[];
  ofPart(part: number): readonly Spooled[];
  markOf(part: number): Watermark | undefined;
  setMark(mark: Watermark): void;
  /** Where the bus has put a result; `before` is the watermark of its partition when it left. */
  placeOf(ack: PublishAck, before: Watermark | undefined): Place;
}

export function createUnconfirmed(): Unconfirmed {
  const byPart = new Map<number, Map<string, Spooled>>();
  const marks = new Map<number, Watermark>();
  const current = (entry: Spooled): Spooled | undefined => byPart.get(entry.part)?.get(entry.id);
  const ofPart = (part: number): readonly Spooled[] => [...(byPart.get(part)?.values() ?? [])];
  return {
    current,
    add: (entry) => {
      const part = byPart.get(entry.part) ?? new Map<string, Spooled>();
      byPart.set(entry.part, part);
      part.set(entry.id, entry);
    },
    remove: (entry) => {
      if (current(entry) !== entry) return false;
      return byPart.get(entry.part)?.delete(entry.id) === true;
    },
    all: () => [...byPart.keys()].flatMap(ofPart),
    ofPart,
    markOf: (part) => marks.get(part),
    setMark: (mark) => void marks.set(mark.part, mark),
    placeOf: ({ epoch, seq, duplicate }, before) => {
      const known = before ?? [...marks.values()].find((mark) => mark.streamEpoch === epoch);
      if (known?.streamEpoch !== epoch) return { epoch, seq, generation: 0 };
      // What was folded before it left cannot come after it: the broker numbers again, and the fold has yet to find out.
      const again = before !== undefined && !duplicate && seq <= before.seq;
      return { epoch, seq, generation: known.generation + (again ? 1 : 0) };
    },
  };
}

/** True when a place is of a course of the stream that has ended: what was there may be lost. */
export const isPast = (ack: Place, mark: Watermark): boolean =>
  ack.epoch !== mark.streamEpoch || ack.generation < mark.generation;

/** True when the fold has the result: its watermark is of the same course of the stream, and at or beyond it. */
export const passed = ({ ack }: Spooled, mark: Watermark | undefined): boolean =>
  ack !== undefined &&
  mark !== undefined &&
  ack.epoch === mark.streamEpoch &&
  ack.generation === mark.generation &&
  ack.seq <= mark.seq;
