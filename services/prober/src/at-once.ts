import type { Clock } from "@sentinel/service-kit";

/** First looks at monitors, which come by the thousand when a prober starts or a file is applied. */
export interface AtOnce {
  /** Begins the round now, or when enough of those before it have ended. */
  add(begin: () => Promise<unknown> | undefined): void;
}

/** So many at a time leave time for rounds that are due, and make ten thousand within seconds. */
const MOST = 200;
/** One that hangs does not keep others from beginning. */
const HELD_MS = 500;

/** @param signal ends with the prober: what has not begun by then never does */
export function createAtOnce(clock: Pick<Clock, "sleep">, signal: AbortSignal): AtOnce {
  const waiting: (() => Promise<unknown> | undefined)[] = [];
  const holding = new Set<Hold>();
  let first = 0;
  const mayBegin = (): boolean => holding.size < MOST && first < waiting.length && !signal.aborted;
  const beginNext = (): void => {
    while (mayBegin()) {
      const work = waiting[first]?.();
      first += 1;
      // It was begun otherwise meanwhile, or is not wanted any more.
      if (work !== undefined) hold(work);
    }
    if (first < waiting.length) return limit();
    waiting.length = 0;
    first = 0;
  };
  const hold = (work: Promise<unknown>): void => {
    const each: Hold = { limited: false, free: () => void (holding.delete(each) && beginNext()) };
    holding.add(each);
    work.then(each.free, each.free);
  };
  /** Only while others wait: nothing else needs a timer. */
  const limit = (): void => {
    for (const each of holding) {
      if (each.limited) continue;
      each.limited = true;
      void clock.sleep(HELD_MS, signal).then(each.free);
    }
  };
  return {
    add: (begin) => {
      waiting.push(begin);
      beginNext();
    },
  };
}

interface Hold {
  limited: boolean;
  readonly free: () => void;
}
