import { describe, expect, test } from "@jest/globals";
import { partitionOf } from "@sentinel/contracts";
import type { NewEvent } from "../store.ts";
import { append, appendTo, head, newEvent, newStream, read, type StoreHandle } from "./store-handle.ts";

export function idempotencyContract<Tx>(handle: StoreHandle<Tx>): void {
  describe("idempotency by event id", () => {
    test("a repeat gives the first result and writes nothing, even when the stream has grown since", async () => {
      const stream = newStream();
      const call = appendTo(stream, [newEvent(), newEvent()], "none");
      const [first] = await append(handle, call);
      await append(handle, appendTo(stream, [newEvent()], 2));
      const before = await head(handle, partitionOf(stream));
      expect(await append(handle, call)).toEqual([{ ...first, repeated: true }]);
      expect(await read(handle, stream)).toHaveLength(3);
      expect(await head(handle, partitionOf(stream))).toEqual(before);
    });

    test("a call may hold repeats beside new appends", async () => {
      const [old, fresh] = [newStream(), newStream()];
      const repeat = appendTo(old, [newEvent()], "none");
      await append(handle, repeat);
      const results = await append(handle, repeat, appendTo(fresh, [newEvent()], "none"));
      expect(results.map((result) => [result.version, result.repeated])).toEqual([
        [1, true],
        [1, false],
      ]);
    });

    const changes: readonly Partial<NewEvent>[] = [
      { type: "Other" },
      { schemaVersion: 2 },
      { payload: Uint8Array.of(1, 2, 4) },
      { payload: Uint8Array.of(1, 2) },
      { metadata: { actor: "somebody else" } },
      { metadata: {} },
      { atMs: 1_700_000_000_001 },
    ];
    test.each(changes)("the same id with other content is an error: %j", async (change) => {
      const stream = newStream();
      const event = newEvent();
      await append(handle, appendTo(stream, [event]));
      await expectReused(handle, stream, [{ ...event, ...change }], event.id);
      expect(await read(handle, stream)).toHaveLength(1);
    });

    test("metadata in another order of keys is the same content", async () => {
      const stream = newStream();
      const event = newEvent({ metadata: { a: "1", b: "2" } });
      await append(handle, appendTo(stream, [event]));
      const [result] = await append(handle, appendTo(stream, [{ ...event, metadata: { b: "2", a: "1" } }]));
      expect(result?.repeated).toBe(true);
    });

    test("an append of which only a part is stored is an error and writes nothing", async () => {
      const stream = newStream();
      const [stored, fresh] = [newEvent(), newEvent()];
      await append(handle, appendTo(stream, [stored]));
      await expectReused(handle, stream, [stored, fresh], fresh.id);
      await expectReused(handle, stream, [fresh, stored], fresh.id);
      expect(await read(handle, stream)).toHaveLength(1);
    });

    test("stored events in another order are an error", async () => {
      const stream = newStream();
      const [one, two] = [newEvent(), newEvent()];
      await append(handle, appendTo(stream, [one, two]));
      await expectReused(handle, stream, [two, one], one.id);
    });

    test("an id of another stream is an error", async () => {
      const event = newEvent();
      await append(handle, appendTo(newStream(), [event]));
      await expectReused(handle, newStream(), [event], event.id);
    });

    test("an id twice in one call is an error and writes nothing", async () => {
      const [one, two] = [newStream(), newStream()];
      const event = newEvent();
      await expectReused(handle, one, [event, event], event.id);
      await expect(append(handle, appendTo(one, [event]), appendTo(two, [event]))).rejects.toMatchObject({
        code: "event_id_reused",
      });
      expect(await read(handle, one)).toEqual([]);
    });

    test("of many who append the same events at once, one writes and all get its result", async () => {
      const stream = newStream();
      const call = appendTo(stream, [newEvent(), newEvent()], "none");
      const results = await Promise.all(Array.from({ length: 8 }, () => append(handle, call)));
      expect(results.filter(([result]) => result?.repeated === false)).toHaveLength(1);
      const stored = await read(handle, stream);
      for (const [result] of results) expect(result?.events).toEqual(stored);
      expect(stored).toHaveLength(2);
    });

    test("of many who use one id on different streams at once, one succeeds and the others are told", async () => {
      const event = newEvent();
      const streams = Array.from({ length: 8 }, newStream);
      const outcomes = await Promise.allSettled(streams.map((stream) => append(handle, appendTo(stream, [event]))));
      const refused = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(refused).toHaveLength(7);
      for (const { reason } of refused) {
        expect(reason).toMatchObject({ code: "event_id_reused", params: { eventId: event.id } });
      }
      const lengths = await Promise.all(streams.map(async (stream) => (await read(handle, stream)).length));
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(1);
    });
  });
}

async function expectReused<Tx>(
  handle: StoreHandle<Tx>,
  stream: string,
  events: readonly NewEvent[],
  eventId: string,
): Promise<void> {
  await expect(append(handle, appendTo(stream, events))).rejects.toMatchObject({
    code: "event_id_reused",
    params: { eventId },
  });
}
