import { describe, expect, test } from "@jest/globals";
import type { StoredEvent } from "../store.ts";
import { subscribe, type SubscribeOptions } from "../subscribe.ts";
import { append, appendTo, head, newEvent, type StoreHandle, streamIn } from "./store-handle.ts";

const HOUR_MS = 3_600_000;
const WRITERS = 6;
const ROUNDS = 12;

export function subscribeContract<Tx>(handle: StoreHandle<Tx>): void {
  describe("a live subscription", () => {
    /** The first `count` events after a position. */
    const take = async (part: number, after: number, count: number, options: SubscribeOptions = {}) => {
      const stop = new AbortController();
      const seen: StoredEvent[] = [];
      if (count === 0) return seen;
      for await (const event of subscribe(handle.current, part, after, stop.signal, options)) {
        seen.push(event);
        if (seen.length === count) stop.abort();
      }
      return seen;
    };

    test.each([
      ["with hints only", { pollMs: HOUR_MS, pageSize: 3 }, true],
      ["with every hint lost", { pollMs: 5, pageSize: 3 }, false],
    ])("shows each event once and in order to many readers of many appenders, %s", async (_, options, announced) => {
      const part = 11;
      const streams = Array.from({ length: 4 }, () => streamIn(part));
      const { gpos: from } = await head(handle, part);
      const total = WRITERS * ROUNDS * 2;
      const readers = [0, 1, 50].map((late) => take(part, from + late, total - late, options));
      const writers = Array.from({ length: WRITERS }, async (__, writer) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const stream = streams[(writer + round) % streams.length] ?? "";
          await append(handle, appendTo(stream, [newEvent(), newEvent()]));
          if (announced) handle.current.hints.announce([part]);
        }
      });
      await Promise.all(writers);
      const [first = [], second = [], third = []] = await Promise.all(readers);
      expect(first.map((event) => event.gpos)).toEqual(Array.from({ length: total }, (__, index) => from + 1 + index));
      expect(new Set(first.map((event) => event.id)).size).toBe(total);
      expect(second).toEqual(first.slice(1));
      expect(third).toEqual(first.slice(50));
    });

    test("waits for an event that comes later, and hears of other partitions nothing", async () => {
      const [mine, other] = [12, 13];
      const { gpos } = await head(handle, mine);
      const next = take(mine, gpos, 1, { pollMs: HOUR_MS });
      await append(handle, appendTo(streamIn(other), [newEvent()]));
      handle.current.hints.announce([other, mine]);
      const event = newEvent();
      await append(handle, appendTo(streamIn(mine), [event]));
      handle.current.hints.announce([mine]);
      expect(await next).toMatchObject([{ id: event.id, part: mine, gpos: gpos + 1 }]);
    });

    test("ends at once with its signal, while it waits, between two events, and before it began", async () => {
      const part = 14;
      await append(handle, appendTo(streamIn(part), [newEvent(), newEvent()]));
      const { gpos } = await head(handle, part);
      expect(await take(part, 0, 1)).toHaveLength(1);
      const stop = new AbortController();
      const waiting = subscribe(handle.current, part, gpos, stop.signal, { pollMs: HOUR_MS }).next();
      stop.abort();
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(await subscribe(handle.current, part, 0, stop.signal).next()).toEqual({ done: true, value: undefined });
    });
  });
}
