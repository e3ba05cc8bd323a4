import type { Beat, VerdictName } from "@sentinel/contracts/api";

export const BEATS_SHOWN = 45;
const PITCH = 6;
const BAR = 4;
const HEIGHT = 22;

/** Height tells the state besides colour: full when it answered or fell, shorter when slow, low when nobody knows. */
const TOP: Readonly<Record<VerdictName, number>> = {
  healthy: 4,
  degraded: 9,
  down: 0,
  unknown: 13,
  missed: 18,
  maintenance: 15,
};

export interface Strip {
  readonly viewBox: string;
  /** One path a verdict, so that a strip costs a handful of elements and not one a round. */
  readonly paths: ReadonlyMap<VerdictName, string>;
  /** Places without a round yet. */
  readonly empty: string;
}

function bar(index: number, top: number): string {
  return `M${index * PITCH + 1} ${top}h${BAR}v${HEIGHT - top}h-${BAR}z`;
}

/** The last rounds as bars, newest at the right; missing history leaves reserved places at the left. */
export function stripOf(beats: readonly Beat[], shown: number = BEATS_SHOWN): Strip {
  const last = beats.slice(-shown);
  const offset = shown - last.length;
  const paths = new Map<VerdictName, string>();
  for (const [index, beat] of last.entries()) {
    paths.set(beat.verdict, `${paths.get(beat.verdict) ?? ""}${bar(offset + index, TOP[beat.verdict])}`);
  }
  let empty = "";
  for (let index = 0; index < offset; index += 1) empty += bar(index, HEIGHT - 2);
  return { viewBox: `0 0 ${shown * PITCH} ${HEIGHT}`, paths, empty };
}

/** How many rounds ended in each verdict, for those who do not see the strip. */
export function countVerdicts(beats: readonly Beat[], shown: number = BEATS_SHOWN): ReadonlyMap<VerdictName, number> {
  const counts = new Map<VerdictName, number>();
  for (const { verdict } of beats.slice(-shown)) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return counts;
}
