import { describe, expect, test } from "@jest/globals";
import { PARTITIONS, partitionOf } from "@sentinel/contracts";
import { CHAIN_START, verifyChain } from "../chain.ts";
import type { EventContent } from "../store.ts";
import {
  append,
  appendTo,
  head,
  newEvent,
  newStream,
  read,
  readAll,
  readContent,
  streamIn,
  type StoreHandle,
} from "./store-handle.ts";

export function readContract<Tx>(handle: StoreHandle<Tx>): void {
  describe("reading", () => {
    test("a stream is read from a version on, and an unknown stream is empty", async () => {
      const stream = newStream();
      await append(handle, appendTo(stream, [newEvent(), newEvent(), newEvent()]));
      expect((await read(handle, stream, 2)).map((event) => event.version)).toEqual([2, 3]);
      expect(await read(handle, stream, 4)).toEqual([]);
      expect(await read(handle, newStream())).toEqual([]);
    });

    test("pages of a partition join without a gap or a repeat", async () => {
      const part = 23;
      for (let i = 0; i < 4; i += 1) await append(handle, appendTo(streamIn(part), [newEvent(), newEvent()]));
      const { gpos } = await head(handle, part);
      const seen: number[] = [];
      for (;;) {
        const page = await readAll(handle, part, seen.at(-1) ?? 0, 3);
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(3);
        seen.push(...page.map((event) => event.gpos));
      }
      expect(seen).toEqual(Array.from({ length: gpos }, (_, index) => index + 1));
    });

    test("contents are what the events themselves say, whatever characters their names have", async () => {
      const part = 24;
      const odd = Array.from({ length: 3 }, newStream).map((name) => `é\n,{"} ${name}`);
      for (const stream of odd) await append(handle, appendTo(stream, [newEvent({ payload: Uint8Array.of() })]));
      await append(
        handle,
        appendTo(streamIn(part), [newEvent({ type: "a,\n\u{1F600}" }), newEvent({ schemaVersion: 7 })]),
      );
      const alike = async (): Promise<void> => {
        for (const each of [part, ...odd.map(partitionOf)]) {
          const contents = await readContent(handle, each, 0, 100_000);
          const events = await readAll(handle, each);
          expect(contents.map(contentOf)).toEqual(events.map(contentOf));
          expect((await readContent(handle, each, 1, 2)).map(contentOf)).toEqual(events.slice(1, 3).map(contentOf));
        }
      };
      await alike();
      const withControls = Array.from({ length: 2 }, newStream).map((name) => `\u0001${name}\u0001`);
      for (const stream of [...withControls, streamIn(part)]) {
        await append(handle, appendTo(stream, [newEvent({ type: "\u0001" })]));
      }
      await alike();
      const beyond = await head(handle, part);
      expect(await readContent(handle, part, beyond.gpos, 10)).toEqual([]);
    });

    test("a partition without events has position 0 and the start of the chain", async () => {
      const parts = Array.from({ length: PARTITIONS }, (_, part) => part);
      for (const part of parts) {
        const end = await head(handle, part);
        const last = (await readAll(handle, part)).at(-1);
        expect(end).toEqual(last === undefined ? { gpos: 0, hash: CHAIN_START } : { gpos: last.gpos, hash: last.hash });
      }
    });

    test("every partition's chain is true from its start, and page by page", async () => {
      for (let i = 0; i < 20; i += 1) await append(handle, appendTo(newStream(), [newEvent(), newEvent()]));
      for (let part = 0; part < PARTITIONS; part += 1) {
        const events = await readAll(handle, part);
        expect(verifyChain(events, CHAIN_START, 0)).toBeUndefined();
        const middle = events.slice(1);
        expect(verifyChain(middle, events[0]?.hash ?? CHAIN_START)).toBeUndefined();
      }
    });
  });
}

const contentOf = ({ part, gpos, stream, version, type, schemaVersion, payload, atMs }: EventContent): EventContent => {
  return { part, gpos, stream, version, type, schemaVersion, payload, atMs };
};
