import type { Beat } from "@sentinel/contracts";
import { initialMonitorState } from "./core/detection.ts";
import { withQuietRounds } from "./core/quiet-rounds.ts";
import type { MonitorState } from "./core/types.ts";
import type { FoldTx, RecentRound } from "./store/port.ts";

const BEATS = 60;

/**
 * States of these monitors with their beats, brought up to date by the rounds since they were stored.
 * @param isFolded Whether a round is part of the state; all are, unless given.
 */
export async function loadStates(
  tx: FoldTx,
  ids: readonly string[],
  nowMs: number,
  isFolded: (monitorId: string, slotMs: number) => boolean = () => true,
): Promise<ReadonlyMap<string, MonitorState>> {
  const stored = await tx.states.load(ids);
  const recent = await tx.checks.recent(ids, BEATS);
  return new Map(
    ids.map((id) => {
      const rounds = (recent.get(id) ?? []).filter(({ slotMs }) => isFolded(id, slotMs));
      const state = withQuietRounds(stored.get(id) ?? initialMonitorState, rounds, nowMs);
      return [id, { ...state, beats: rounds.map(beatOf) }];
    }),
  );
}

const beatOf = ({ slotMs, verdict, durationMs, reason }: RecentRound): Beat => ({
  slotMs,
  verdict,
  durationMs,
  reason,
});
