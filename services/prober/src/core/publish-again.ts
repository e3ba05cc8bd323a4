/** Where the bus has put a result. */
interface Place {
  readonly epoch: string;
  readonly seq: number;
}

/** How far the fold says it has come in a partition. */
interface Mark {
  readonly streamEpoch: string;
  readonly seq: number;
  readonly generation: number;
}

const COVERED_AFTER_MS = 2000;
const SILENT_AFTER_MS = 60_000;
const LONGEST_MS = 3_600_000;

/** True when the fold has come past this place, so that it should have told of what is there. */
export const isCovered = ({ epoch, seq }: Place, mark: Mark | undefined): boolean =>
  mark !== undefined && epoch === mark.streamEpoch && seq <= mark.seq;

/** True when a place may be another message's by now: the stream was made anew, or the fold found that it was shortened. */
export const isPast = ({ epoch }: Place, mark: Mark, before: Mark | undefined): boolean =>
  epoch !== mark.streamEpoch || (before !== undefined && before.generation !== mark.generation);

/**
 * How long a published result waits for its confirmation before it is published once more: a moment where the fold has
 * come past its place without telling of it, longer where the fold may just be slow. Doubles with each time.
 */
export const patienceMs = (covered: boolean, times: number): number =>
  Math.min(LONGEST_MS, (covered ? COVERED_AFTER_MS : SILENT_AFTER_MS) * 2 ** Math.min(times, 12));
