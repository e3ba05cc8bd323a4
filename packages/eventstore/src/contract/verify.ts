import { describe, expect, test } from "@jest/globals";
import { partitionOf } from "@sentinel/contracts";
import * as fc from "fast-check";
import type { EventStore, StoredEvent } from "../store.ts";
import { verifyLog } from "../verify-log.ts";
import { append, appendTo, newEvent, newStream, type StoreHandle, streamIn } from "./store-handle.ts";

const PART = 41;

export function verifyContract<Tx>(handle: StoreHandle<Tx>): void {
  const verify = (store?: EventStore<Tx>, pageSize?: number) =>
    verifyLog(store ?? handle.current.store, handle.current.database, pageSize === undefined ? {} : { pageSize });

  describe("verification of the whole log", () => {
    test("counts every event and finds nothing in what appends wrote, in pages of any size", async () => {
      const before = await verify();
      await Promise.all(
        Array.from({ length: 30 }, () => append(handle, appendTo(newStream(), [newEvent(), newEvent()]))),
      );
      for (const pageSize of [50, 2000]) {
        expect(await verify(undefined, pageSize)).toEqual({ events: before.events + 60, damage: undefined });
      }
    });

    test("finds nothing while others append", async () => {
      const progress = { appended: 0 };
      const writer = (async () => {
        for (; progress.appended < 100; progress.appended += 1) {
          await append(handle, appendTo(newStream(), [newEvent()]));
        }
      })();
      do expect((await verify(undefined, 100)).damage).toBeUndefined();
      while (progress.appended < 100);
      await writer;
    });

    test("names the first place of what is missing, swapped, altered or beyond the head", async () => {
      const stream = streamIn(PART);
      await append(handle, appendTo(stream, [newEvent(), newEvent(), newEvent(), newEvent(), newEvent()]));
      const { store, database } = handle.current;
      const { gpos: end } = await database.transaction((tx) => store.head(tx, PART));
      const seenAs = (change: (events: readonly StoredEvent[]) => readonly StoredEvent[]) =>
        verify({
          ...store,
          readAll: async (tx, part, after, limit) => {
            const events = await store.readAll(tx, part, 0, end + limit);
            return (part === PART ? change(events) : events).filter(({ gpos }) => gpos > after).slice(0, limit);
          },
        });
      const at = (gpos: number, problem: string, where = stream) => ({ part: PART, gpos, problem, stream: where });
      const without = (gpos: number) => (events: readonly StoredEvent[]) => events.filter((each) => each.gpos !== gpos);
      expect((await seenAs(without(end))).damage).toEqual(at(end, "head", ""));
      expect((await seenAs(without(end - 2))).damage).toEqual(at(end - 2, "gap", ""));
      expect((await seenAs(swapped(end - 3, end - 1))).damage).toEqual(at(end - 3, "hash"));
      const type = (events: readonly StoredEvent[]) =>
        events.map((each) => (each.gpos === end - 1 ? { ...each, type: "Other" } : each));
      expect((await seenAs(type)).damage).toEqual(at(end - 1, "hash"));
    });

    test("names a head that is too low, too high or of another hash", async () => {
      const stream = streamIn(PART);
      await append(handle, appendTo(stream, [newEvent(), newEvent()]));
      const { store, database } = handle.current;
      const { gpos: end, hash } = await database.transaction((tx) => store.head(tx, PART));
      const headed = async (gpos: number, bytes = hash) => {
        const head: typeof store.head = (tx, part) =>
          part === PART ? Promise.resolve({ gpos, hash: bytes }) : store.head(tx, part);
        return (await verify({ ...store, head })).damage;
      };
      expect(await headed(end)).toBeUndefined();
      expect(await headed(end + 1)).toEqual({ part: PART, gpos: end + 1, stream: "", problem: "head" });
      expect(await headed(end - 1)).toMatchObject({ part: PART, gpos: end - 1, problem: "head" });
      expect(
        await headed(
          end,
          hash.map((byte) => byte ^ 1),
        ),
      ).toEqual({ part: PART, gpos: end, stream, problem: "head" });
    });

    test("finds one altered byte of any field of any event", async () => {
      const { store } = handle.current;
      const stream = newStream();
      const part = partitionOf(stream);
      await append(handle, appendTo(stream, [newEvent(), newEvent(), newEvent()]));
      const fields = [
        "part",
        "gpos",
        "stream",
        "version",
        "id",
        "type",
        "schemaVersion",
        "payload",
        "metadata",
        "atMs",
        "hash",
      ] as const;
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...fields), fc.nat(2), fc.nat(), async (field, row, bit) => {
          const readAll: typeof store.readAll = async (tx, asked, after, limit) => {
            const events = await store.readAll(tx, asked, after, limit);
            return events.map((each) =>
              each.stream === stream && each.version === row + 1 ? altered(each, field, bit) : each,
            );
          };
          expect((await verify({ ...store, readAll })).damage?.part).toBe(part);
        }),
        { numRuns: 25 },
      );
    });
  });
}

function swapped(one: number, other: number): (events: readonly StoredEvent[]) => readonly StoredEvent[] {
  const to = (gpos: number): number => (gpos === one ? other : gpos === other ? one : gpos);
  return (events) => events.map((each) => ({ ...each, gpos: to(each.gpos) })).sort((a, b) => a.gpos - b.gpos);
}

function altered(event: StoredEvent, field: keyof StoredEvent, bit: number): StoredEvent {
  const value = event[field];
  if (typeof value === "number") return { ...event, [field]: value + 2 ** (bit % 7) };
  if (value instanceof Uint8Array) {
    return {
      ...event,
      [field]: value.map((byte, i) => (i === (bit >> 3) % value.length ? byte ^ (1 << (bit & 7)) : byte)),
    };
  }
  if (typeof value === "string") return { ...event, [field]: `${value.slice(0, -1)}\u00e9` };
  return { ...event, metadata: { ...event.metadata, actor: "tesT" } };
}
