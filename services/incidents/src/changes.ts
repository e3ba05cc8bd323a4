import type { WatchResponse } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Clock } from "@sentinel/service-kit";
import type { Change } from "./board.ts";
import { createFoldStatus, type FoldStatus } from "./fold-status.ts";

const HEARTBEAT_MS = 5000;
/** A watcher this far behind is cut off; it comes back and begins with a snapshot. */
const MAX_BEHIND = 10_000;

/** Hands each change to everyone who watches. */
export interface Changes {
  publish(changes: readonly Change[]): void;
  /** `snapshot` is called when the watcher has been entered, so nothing falls between it and the first change. */
  watch(
    snapshot: () => readonly Change[],
    wants: (change: Change) => boolean,
    signal: AbortSignal,
  ): AsyncIterable<WatchResponse>;
  /** Told to everyone with each change, and at once when it turns. */
  readonly foldStatus: FoldStatus;
  /** Ends every watch with `standby`. */
  close(): void;
}

interface Watcher {
  readonly wants: (change: Change) => boolean;
  queue: WatchResponse[];
  wake: () => void;
  ended: SentinelError | undefined;
}

export function createChanges(clock: Clock): Changes {
  const watchers = new Set<Watcher>();
  const at = (change: WatchResponse["change"]): WatchResponse => {
    const { foldedAtMs, notFoldedSinceMs } = foldStatus;
    return { atMs: clock.now(), change, foldedAtMs, notFoldedSinceMs };
  };
  const heartbeat = (): WatchResponse => at({ $case: "heartbeatMs", value: clock.now() });
  const foldStatus = createFoldStatus(clock, () => {
    for (const watcher of watchers) {
      watcher.queue.push(heartbeat());
      watcher.wake();
    }
  });
  return {
    foldStatus,
    publish: (changes) => {
      const responses = changes.map((change) => ({ change, response: at(change) }));
      for (const watcher of watchers) {
        for (const { change, response } of responses) if (watcher.wants(change)) watcher.queue.push(response);
        if (watcher.queue.length > MAX_BEHIND) {
          watcher.ended = new SentinelError("watcher_too_slow");
          watcher.queue = [];
          watchers.delete(watcher);
        }
        watcher.wake();
      }
    },
    watch: (snapshot, wants, signal) => {
      const watcher: Watcher = { wants, queue: [], wake: () => undefined, ended: undefined };
      watchers.add(watcher);
      for (const change of snapshot()) if (wants(change)) watcher.queue.push(at(change));
      watcher.queue.push(at({ $case: "snapshotComplete", value: true }));
      const leave = (): void => {
        watchers.delete(watcher);
        signal.removeEventListener("abort", leave);
      };
      // A watch that is given up before its first step would stay entered for ever.
      signal.addEventListener("abort", leave, { once: true });
      return follow(watcher, { clock, heartbeat }, signal, leave);
    },
    close: () => {
      for (const watcher of watchers) {
        watcher.ended = new SentinelError("standby");
        watcher.wake();
      }
    },
  };
}

async function* follow(
  watcher: Watcher,
  { clock, heartbeat }: { readonly clock: Clock; readonly heartbeat: () => WatchResponse },
  signal: AbortSignal,
  leave: () => void,
): AsyncIterable<WatchResponse> {
  try {
    while (!signal.aborted) {
      if (watcher.ended !== undefined) throw watcher.ended;
      const queue = watcher.queue;
      watcher.queue = [];
      yield* queue;
      if (watcher.queue.length === 0 && watcher.ended === undefined) {
        const heard = await waitForChange(watcher, clock, signal);
        if (!heard && !signal.aborted) yield heartbeat();
      }
    }
  } finally {
    leave();
  }
}

/** False when nothing came within the heartbeat. */
async function waitForChange(watcher: Watcher, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const woken = new AbortController();
  const wake = (): void => woken.abort("changed");
  watcher.wake = wake;
  signal.addEventListener("abort", wake, { once: true });
  await clock.sleep(HEARTBEAT_MS, woken.signal);
  signal.removeEventListener("abort", wake);
  watcher.wake = () => undefined;
  return woken.signal.aborted;
}
