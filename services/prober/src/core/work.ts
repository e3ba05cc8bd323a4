/** Judging one answer may cost about this much: a third of a second on a slow machine. */
const JUDGING = 5_000_000;
/** Steps of a regular expression are smaller than steps through a document. */
const PATTERN_STEPS = 8;

/** What is left of the bound on judging one answer; one unit is about a tenth of a microsecond. */
export interface Work {
  /** @throws TooCostly when the bound is passed. */
  spend(units: number): void;
}

/** The answer cannot be judged within the bound; says nothing about the target. */
export class TooCostly extends Error {
  constructor() {
    super("too costly");
    this.name = "TooCostly";
  }
}

export function createWork(units = JUDGING): Work {
  let left = units;
  return {
    spend: (some) => {
      left -= some;
      if (left < 0) throw new TooCostly();
    },
  };
}

/** The cost of running a regular expression of so many instructions over a text, in the worst case. */
export const patternCost = (instructions: number, text: string): number =>
  1 + Math.ceil((instructions * text.length) / PATTERN_STEPS);
