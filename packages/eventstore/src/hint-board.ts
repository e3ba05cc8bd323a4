import type { AppendAnnouncer } from "./subscribe.ts";

/** Hands hints to whoever waits for one in this process, at once. */
export interface HintBoard extends AppendAnnouncer {
  /** Wakes everybody, as when hints may have been missed. */
  tellAll(): void;
}

export function createHintBoard(): HintBoard {
  const waiting = new Map<number | "any", Set<() => void>>();
  const tell = (part: number | "any"): void => {
    for (const wake of waiting.get(part) ?? []) wake();
  };
  return {
    announce: (parts) => {
      parts.forEach(tell);
      if (parts.length > 0) tell("any");
    },
    tellAll: () => {
      for (const part of waiting.keys()) tell(part);
    },
    next: (part, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const waiters = waiting.get(part) ?? new Set();
        waiting.set(part, waiters);
        const wake = (): void => {
          clearTimeout(timer);
          waiters.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(wake, timeoutMs);
        waiters.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      }),
  };
}
