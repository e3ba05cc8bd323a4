import { describe, expect, test } from "@jest/globals";
import { partitionOf } from "@sentinel/contracts";
import * as fc from "fast-check";
import type { Expected, NewEvent } from "../store.ts";
import { append, appendTo, head, newEvent, newStream, read, streamIn, type StoreHandle } from "./store-handle.ts";

/** Any text that can be stored. */
const text = fc.string({ unit: "grapheme", maxLength: 20 });

const content = fc.record({
  type: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  schemaVersion: fc.integer({ min: 1, max: 32_767 }),
  payload: fc.uint8Array({ maxLength: 200 }),
  metadata: fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true }),
  atMs: fc.maxSafeInteger(),
});

export function appendContract<Tx>(handle: StoreHandle<Tx>): void {
  describe("append", () => {
    test("numbers versions from 1 and positions without gaps, and the result is what a reader gets", async () => {
      const stream = newStream();
      const before = await head(handle, partitionOf(stream));
      const [result] = await append(handle, appendTo(stream, [newEvent(), newEvent(), newEvent()], "none"));
      expect(result?.version).toBe(3);
      expect(result?.repeated).toBe(false);
      expect(result?.events.map((event) => event.version)).toEqual([1, 2, 3]);
      expect(result?.events.map((event) => event.gpos - before.gpos)).toEqual([1, 2, 3]);
      expect(await read(handle, stream)).toEqual(result?.events);
      expect(await head(handle, partitionOf(stream))).toEqual({
        gpos: before.gpos + 3,
        hash: result?.events.at(-1)?.hash,
      });
    });

    test("gives back any content byte by byte", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 5 }), async (contents) => {
          const stream = newStream();
          const events = contents.map((fields) => newEvent(fields));
          await append(handle, appendTo(stream, events));
          const found = await read(handle, stream);
          expect(found.map(contentOf)).toEqual(events.map(contentOf));
        }),
        { numRuns: 50 },
      );
    });

    const met: readonly (readonly [length: number, expected: Expected])[] = [
      [0, "none"],
      [0, "any"],
      [0, 0],
      [2, "exists"],
      [2, "any"],
      [2, 2],
    ];
    test.each(met)("a stream of %i events meets the expectation %s", async (length, expected) => {
      const stream = await streamOf(handle, length);
      const [result] = await append(handle, appendTo(stream, [newEvent()], expected));
      expect(result?.version).toBe(length + 1);
    });

    const unmet: readonly (readonly [length: number, expected: Expected])[] = [
      [0, "exists"],
      [0, 1],
      [2, "none"],
      [2, 0],
      [2, 1],
      [2, 3],
    ];
    test.each(unmet)("a stream of %i events refuses the expectation %s and stays", async (length, expected) => {
      const stream = await streamOf(handle, length);
      await expect(append(handle, appendTo(stream, [newEvent()], expected))).rejects.toMatchObject({
        code: "version_conflict",
        params: { stream, expected: String(expected), actual: String(length) },
      });
      expect(await read(handle, stream)).toHaveLength(length);
    });

    test("a conflict on one stream writes nothing on any", async () => {
      const [good, bad] = [newStream(), newStream()];
      const before = await head(handle, partitionOf(good));
      await expect(
        append(handle, appendTo(good, [newEvent()]), appendTo(bad, [newEvent()], "exists")),
      ).rejects.toMatchObject({ code: "version_conflict" });
      expect(await read(handle, good)).toEqual([]);
      expect(await head(handle, partitionOf(good))).toEqual(before);
    });

    test("an append without events checks the expectation and writes nothing", async () => {
      const stream = await streamOf(handle, 2);
      expect(await append(handle, appendTo(stream, [], 2))).toEqual([
        { stream, version: 2, events: [], repeated: false },
      ]);
      await expect(append(handle, appendTo(stream, [], 1))).rejects.toMatchObject({ code: "version_conflict" });
    });

    test("one call may append to a stream twice, each time on what came before", async () => {
      const stream = newStream();
      const results = await append(
        handle,
        appendTo(stream, [newEvent()], "none"),
        appendTo(stream, [newEvent(), newEvent()], 1),
      );
      expect(results.map((result) => result.version)).toEqual([1, 3]);
      expect((await read(handle, stream)).map((event) => event.version)).toEqual([1, 2, 3]);
    });

    test("streams of one partition share its positions in the order of the call", async () => {
      const part = 17;
      const [one, two] = [streamIn(part), streamIn(part)];
      const { gpos } = await head(handle, part);
      const results = await append(handle, appendTo(two, [newEvent()]), appendTo(one, [newEvent(), newEvent()]));
      expect(results.flatMap((result) => result.events.map((event) => event.gpos - gpos))).toEqual([1, 2, 3]);
    });

    const bad: readonly (readonly [field: string, changes: Partial<NewEvent>])[] = [
      ["id", { id: "" }],
      ["type", { type: "nul \0 byte" }],
      ["type", { type: "half a pair \ud800" }],
      ["metadata.actor", { metadata: { actor: "nul \0 byte" } }],
      ["schemaVersion", { schemaVersion: 0 }],
      ["schemaVersion", { schemaVersion: 1.5 }],
      ["atMs", { atMs: Number.NaN }],
      ["atMs", { atMs: 0.5 }],
    ];
    test.each(bad)("an event whose %s cannot be kept is refused by name: %j", async (field, changes) => {
      const stream = newStream();
      await expect(append(handle, appendTo(stream, [newEvent(changes)]))).rejects.toMatchObject({
        code: "event_malformed",
        params: { field },
      });
      expect(await read(handle, stream)).toEqual([]);
    });

    test("a transaction that throws after its append leaves nothing", async () => {
      const { store, database } = handle.current;
      const stream = newStream();
      const before = await head(handle, partitionOf(stream));
      const failing = database.transaction(async (tx) => {
        await store.append(tx, [appendTo(stream, [newEvent()])]);
        expect(await store.read(tx, stream)).toHaveLength(1);
        throw new RangeError("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
      expect(await read(handle, stream)).toEqual([]);
      expect(await head(handle, partitionOf(stream))).toEqual(before);
    });
  });
}

async function streamOf<Tx>(handle: StoreHandle<Tx>, length: number): Promise<string> {
  const stream = newStream();
  if (length > 0) {
    await append(
      handle,
      appendTo(
        stream,
        Array.from({ length }, () => newEvent()),
      ),
    );
  }
  return stream;
}

function contentOf({ id, type, schemaVersion, payload, metadata, atMs }: NewEvent) {
  return { id, type, schemaVersion, payload: [...payload], metadata, atMs };
}
