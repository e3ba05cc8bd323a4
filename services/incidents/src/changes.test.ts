import type { Totals, WatchResponse } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import { VirtualClock } from "@sentinel/testkit";
import { expect, test } from "@jest/globals";
import type { Change } from "./board.ts";
import { createChanges } from "./changes.ts";

const totals = (checks: number): Change => ({
  $case: "totals",
  value: { checks, incidents: 0, autoFixes: 0 } satisfies Totals,
});
const checksOf = (responses: readonly WatchResponse[]): readonly number[] =>
  responses.flatMap(({ change }) => (change?.$case === "totals" ? [change.value.checks] : []));

function open(snapshot: readonly Change[] = [], wants: (change: Change) => boolean = () => true) {
  const clock = new VirtualClock();
  const changes = createChanges(clock);
  const stop = new AbortController();
  const watch = () => changes.watch(() => snapshot, wants, stop.signal);
  return { clock, changes, stop, watch };
}

/** Reads on in the background. */
function reading(responses: AsyncIterable<WatchResponse>) {
  const seen: WatchResponse[] = [];
  const read = async (): Promise<string> => {
    try {
      for await (const response of responses) seen.push(response);
      return "done";
    } catch (thrown) {
      return SentinelError.from(thrown).code;
    }
  };
  return { seen, ended: read() };
}

test("a watch begins with the snapshot, says when it is complete, and goes on with changes in order", async () => {
  const { clock, changes, stop, watch } = open([totals(1), totals(2)]);
  const { seen, ended } = reading(watch());
  await clock.advance(1);
  changes.publish([totals(3), totals(4)]);
  changes.publish([totals(5)]);
  await clock.advance(1);
  expect(checksOf(seen)).toEqual([1, 2, 3, 4, 5]);
  expect(seen[2]?.change?.$case).toBe("snapshotComplete");
  stop.abort();
  expect(await ended).toBe("done");
});

test("nothing falls between the snapshot and the first step of a reader that takes its time", async () => {
  const { clock, changes, stop, watch } = open([totals(1)]);
  const responses = watch();
  changes.publish([totals(2)]);
  const { seen } = reading(responses);
  await clock.advance(1);
  expect(checksOf(seen)).toEqual([1, 2]);
  stop.abort();
});

test("silence is broken by a heartbeat every five seconds", async () => {
  const { clock, changes, stop, watch } = open();
  const { seen } = reading(watch());
  await clock.advance(15_000);
  expect(seen.map(({ change }) => change?.$case)).toEqual([
    "snapshotComplete",
    "heartbeatMs",
    "heartbeatMs",
    "heartbeatMs",
  ]);
  changes.publish([totals(1)]);
  await clock.advance(4999);
  expect(seen.at(-1)?.change?.$case).toBe("totals");
  stop.abort();
});

test("a watch gives only what is wanted", async () => {
  const { clock, changes, stop, watch } = open([totals(1)], (change) => change.$case === "monitorRemoved");
  const { seen } = reading(watch());
  changes.publish([totals(2), { $case: "monitorRemoved", value: "mon_1" }]);
  await clock.advance(1);
  expect(seen.map(({ change }) => change?.$case)).toEqual(["snapshotComplete", "monitorRemoved"]);
  stop.abort();
});

test("a reader too far behind is ended with its reason, and holds up nobody else", async () => {
  const { clock, changes, stop, watch } = open();
  const { seen } = reading(watch());
  const slow = watch()[Symbol.asyncIterator]();
  await slow.next();
  await clock.advance(1);
  for (let n = 0; n < 11; n += 1) {
    changes.publish(Array.from({ length: 1000 }, (_, index) => totals(n * 1000 + index)));
    await clock.advance(1);
  }
  await expect(slow.next()).rejects.toMatchObject({ code: "watcher_too_slow" });
  expect(checksOf(seen)).toHaveLength(11_000);
  stop.abort();
});

test("at the end of a tenure every watch ends with standby", async () => {
  const { clock, changes, watch } = open();
  const readers = [reading(watch()), reading(watch())];
  await clock.advance(1);
  changes.close();
  expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual(["standby", "standby"]);
});
