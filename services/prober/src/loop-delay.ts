import { monitorEventLoopDelay } from "node:perf_hooks";

/** The event loop's delay over the last few seconds: our own slowness. */
export interface LoopDelay {
  /** The 99th percentile, in milliseconds. */
  p99Ms(): number;
  stop(): void;
}

export function createLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: 20 });
  histogram.enable();
  let last = 0;
  const timer = setInterval(() => {
    last = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e6;
    histogram.reset();
  }, 5000);
  timer.unref();
  return {
    p99Ms: () => last,
    stop: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
