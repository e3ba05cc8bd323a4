import type { Clock } from "@sentinel/service-kit";

/** Whether check results find their way into the store, and since when not. */
export interface FoldStatus {
  /** Latest instant at which a batch was folded; 0 when never since the start. */
  readonly foldedAtMs: number;
  /** Since when results cannot be folded, or do not come; 0 when they are. */
  readonly notFoldedSinceMs: number;
  readonly folded: () => void;
  /** `sinceMs` is now when absent. */
  readonly failed: (sinceMs?: number) => void;
  /** No result is to come. */
  readonly nothingToFold: () => void;
}

/** `onTurn` is called when folding comes to a stand, and when it goes on. */
export function createFoldStatus(clock: Clock, onTurn: () => void): FoldStatus {
  let foldedAtMs = 0;
  let notFoldedSinceMs = 0;
  const goesOn = (): void => {
    if (notFoldedSinceMs === 0) return;
    notFoldedSinceMs = 0;
    onTurn();
  };
  return {
    get foldedAtMs() {
      return foldedAtMs;
    },
    get notFoldedSinceMs() {
      return notFoldedSinceMs;
    },
    folded: () => {
      foldedAtMs = clock.now();
      goesOn();
    },
    failed: (sinceMs = clock.now()) => {
      if (notFoldedSinceMs > 0) return;
      notFoldedSinceMs = sinceMs;
      onTurn();
    },
    nothingToFold: goesOn,
  };
}
