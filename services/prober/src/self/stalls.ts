/** How long this process stood still: blocked by its own work, starved, stopped by a signal, or asleep with its machine. */
export interface Stalls {
  /** The longest standstill that touches the time since then, by `performance.now()`. */
  worstSinceMs(fromMs: number): number;
  stop(): void;
}

const TICK_MS = 100;
/** Less is how timers are. */
const NOTED_MS = 250;
const KEPT = 200;

export function createStalls(): Stalls {
  const stalls: { readonly untilMs: number; readonly lastedMs: number }[] = [];
  let seenMs = performance.now();
  const look = (): void => {
    const nowMs = performance.now();
    const lastedMs = nowMs - seenMs - TICK_MS;
    seenMs = nowMs;
    if (lastedMs < NOTED_MS) return;
    stalls.push({ untilMs: nowMs, lastedMs });
    if (stalls.length > KEPT) stalls.shift();
  };
  const timer = setInterval(look, TICK_MS);
  timer.unref();
  return {
    worstSinceMs: (fromMs) => {
      look();
      return Math.max(0, ...stalls.filter(({ untilMs }) => untilMs >= fromMs).map(({ lastedMs }) => lastedMs));
    },
    stop: () => clearInterval(timer),
  };
}
