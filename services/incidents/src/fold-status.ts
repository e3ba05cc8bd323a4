import type { Clock } from "@sentinel/service-kit";

/** Whether check results find their way into the store, and since when not. */
export interface FoldStatus {
  /** Latest instant at which a batch was folded; 0 when never since the start. */
  readonly foldedAtMs: number;
  /** Since when results wait that cannot be folded; 0 when none do. */
  readonly notFoldedSinceMs: number;
  readonly folded: () => void;
  readonly failed: () => void;
}

/** `onTurn` is called when folding comes to a stand, and when it goes on. */
export function createFoldStatus(clock: Clock, onTurn: () => void): FoldStatus {
  let foldedAtMs = 0;
  let notFoldedSinceMs = 0;
  return {
    get foldedAtMs() {
      return foldedAtMs;
    },
    get notFoldedSinceMs() {
      return notFoldedSinceMs;
    },
    folded: () => {
      foldedAtMs = clock.now();
      if (notFoldedSinceMs === 0) return;
      notFoldedSinceMs = 0;
      onTurn();
    },
    failed: () => {
      if (notFoldedSinceMs > 0) return;
      notFoldedSinceMs = clock.now();
      onTurn();
    },
  };
}
