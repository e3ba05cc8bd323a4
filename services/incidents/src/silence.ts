import type { ServiceKit } from "@sentinel/service-kit";
import type { Board } from "./board.ts";
import type { FoldStatus } from "./fold-status.ts";

const LOOK_EVERY_MS = 1000;
/** On the way to the fold a result takes at most so long while all is well. */
const ON_THE_WAY_MS = 5000;

export interface SilenceDeps {
  readonly kit: Pick<ServiceKit, "clock" | "log">;
  readonly board: Pick<Board, "views">;
  readonly foldStatus: FoldStatus;
}

/**
 * Tells people since when nothing has been recorded when no result comes at all, as while the broker takes none: the
 * fold alone would only notice a result that it cannot write. It ends with the next result.
 */
export async function watchSilence({ kit, board, foldStatus }: SilenceDeps, signal: AbortSignal): Promise<void> {
  const { clock } = kit;
  let foldedAtMs = foldStatus.foldedAtMs;
  let heard = { atMs: clock.now(), monotonicMs: clock.monotonic() };
  const hear = (): void => {
    ({ foldedAtMs } = foldStatus);
    heard = { atMs: clock.now(), monotonicMs: clock.monotonic() };
  };
  while (!signal.aborted) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    if (foldStatus.foldedAtMs !== foldedAtMs) hear();
    const silentMs = clock.monotonic() - heard.monotonicMs;
    if (silentMs <= ON_THE_WAY_MS || signal.aborted) continue;
    const patienceMs = mostBetween(board);
    if (patienceMs === undefined) {
      foldStatus.nothingToFold();
      hear();
    } else if (silentMs > patienceMs && foldStatus.notFoldedSinceMs === 0) {
      kit.log.warn("incidents.no_results", { sinceMs: heard.atMs });
      foldStatus.failed(heard.atMs);
    }
  }
}

/** How long no result may come, for the monitor that is looked at most often; undefined when none is looked at. */
function mostBetween(board: SilenceDeps["board"]): number | undefined {
  const longest = board.views().flatMap(({ monitor }) => {
    const spec = monitor?.spec;
    return spec === undefined || spec.paused ? [] : [2 * spec.everyMs + spec.timeoutMs + ON_THE_WAY_MS];
  });
  return longest.length === 0 ? undefined : longest.reduce((least, each) => Math.min(least, each));
}
