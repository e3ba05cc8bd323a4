import { MonitorSpec, MonitorView } from "@sentinel/contracts";
import { silentLog } from "@sentinel/service-kit";
import { VirtualClock } from "@sentinel/testkit";
import { expect, test } from "@jest/globals";
import { createFoldStatus } from "./fold-status.ts";
import { watchSilence } from "./silence.ts";

const view = (everyMs: number, paused = false): MonitorView => {
  const spec = MonitorSpec.fromPartial({ everyMs, timeoutMs: 900, paused });
  return MonitorView.fromPartial({ monitor: { id: "mon_a", spec } });
};

test("no result for longer than the fastest monitor takes is told with the instant of the last one, until one comes", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  let turns = 0;
  let views: readonly MonitorView[] = [view(60_000), view(1000)];
  const foldStatus = createFoldStatus(clock, () => void (turns += 1));
  const watching = watchSilence(
    { kit: { clock, log: silentLog }, board: { views: () => views }, foldStatus },
    stop.signal,
  );
  for (let second = 0; second < 30; second += 1) {
    await clock.advance(1000);
    foldStatus.folded();
  }
  expect([foldStatus.notFoldedSinceMs, turns]).toEqual([0, 0]);
  const lastMs = clock.now();
  await clock.advance(7000);
  expect(foldStatus.notFoldedSinceMs).toBe(0);
  await clock.advance(20_000);
  expect(foldStatus.notFoldedSinceMs - lastMs).toBeLessThanOrEqual(1000);
  expect(foldStatus.notFoldedSinceMs).toBeGreaterThanOrEqual(lastMs);
  foldStatus.folded();
  expect([foldStatus.notFoldedSinceMs, turns]).toEqual([0, 2]);

  await clock.advance(20_000);
  expect(foldStatus.notFoldedSinceMs).toBeGreaterThan(0);
  views = [view(1000, true)];
  await clock.advance(2000);
  expect([foldStatus.notFoldedSinceMs, turns]).toEqual([0, 4]);
  stop.abort();
  await watching;
});
