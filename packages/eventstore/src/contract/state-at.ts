import { describe, expect, test } from "@jest/globals";
import { type Moment, stateAt } from "../state-at.ts";
import { append, appendTo, newEvent, newStream, type StoreHandle } from "./store-handle.ts";

/** The sum of the payloads' first bytes. */
const sum = { initial: 0, evolve: (state: number, event: number) => state + event };

export function stateAtContract<Tx>(handle: StoreHandle<Tx>): void {
  describe("a state of the past", () => {
    const at = (stream: string, moment: Moment) => {
      const { store, database } = handle.current;
      return database.transaction((tx) =>
        stateAt(store, tx, stream, moment, sum, ({ type, payload }) => (type === "Unknown" ? undefined : payload[0])),
      );
    };

    test("is that after a version, or after the last event before an instant ended", async () => {
      const stream = newStream();
      const events = [10, 20, 20, 30].map((atMs, index) => newEvent({ atMs, payload: Uint8Array.of(2 ** index) }));
      await append(handle, appendTo(stream, events));
      const byVersion = await Promise.all([0, 1, 3, 4, 99].map((version) => at(stream, { version })));
      expect(byVersion.map(({ version, state }) => [version, state])).toEqual([
        [0, 0],
        [1, 1],
        [3, 7],
        [4, 15],
        [4, 15],
      ]);
      const byInstant = await Promise.all([9, 10, 19, 20, 1000].map((atMs) => at(stream, { atMs })));
      expect(byInstant.map(({ version }) => version)).toEqual([0, 1, 1, 3, 4]);
      expect(await at(newStream(), { atMs: 1000 })).toEqual({ version: 0, state: 0 });
    });

    test("is one the stream went through, even where a clock went back or an event is unknown", async () => {
      const stream = newStream();
      const back = [50, 40, 60, 45].map((atMs) => newEvent({ atMs, payload: Uint8Array.of(1) }));
      await append(handle, appendTo(stream, back));
      expect(await at(stream, { atMs: 45 })).toEqual({ version: 0, state: 0 });
      expect(await at(stream, { atMs: 55 })).toEqual({ version: 2, state: 2 });
      await append(handle, appendTo(stream, [newEvent({ atMs: 70, type: "Unknown" })]));
      expect(await at(stream, { version: 5 })).toEqual({ version: 5, state: 4 });
    });
  });
}
