import { describe, expect, test } from "@jest/globals";
import { PARTITIONS, partitionOf } from "@sentinel/contracts";
import { CHAIN_START, verifyChain } from "../chain.ts";
import type { StoredEvent } from "../store.ts";
import { append, appendTo, head, newEvent, newStream, read, readAll, type StoreHandle } from "./store-handle.ts";

const WRITERS = 8;
const ROUNDS = 15;

export function concurrencyContract<Tx>(handle: StoreHandle<Tx>): void {
  describe("many at once", () => {
    test("of many who expect the same version one wins, and the others learn the actual one", async () => {
      const stream = newStream();
      await append(handle, appendTo(stream, [newEvent()]));
      const outcomes = await Promise.allSettled(
        Array.from({ length: WRITERS }, () => append(handle, appendTo(stream, [newEvent()], 1))),
      );
      const refused = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(refused).toHaveLength(WRITERS - 1);
      for (const { reason } of refused) {
        expect(reason).toMatchObject({ code: "version_conflict", params: { expected: "1", actual: "2" } });
      }
      expect(await read(handle, stream)).toHaveLength(2);
    });

    test("appends to the same streams in opposite orders all finish", async () => {
      const streams = Array.from({ length: 6 }, newStream);
      const calls = Array.from({ length: WRITERS * 4 }, (_, index) => {
        const order = index % 2 === 0 ? streams : streams.toReversed();
        return append(handle, ...order.map((stream) => appendTo(stream, [newEvent()])));
      });
      expect(await Promise.all(calls)).toHaveLength(WRITERS * 4);
      for (const stream of streams) expect(await read(handle, stream)).toHaveLength(WRITERS * 4);
    });

    test("with commits and rollbacks mixed, exactly the committed events are stored, without gaps", async () => {
      const streams = Array.from({ length: 10 }, newStream);
      const before = await heads(handle);
      const committed = new Set((await Promise.all(writers(handle, streams))).flat());
      const stored = await eventsAfter(handle, before);
      expect(new Set(stored.map((event) => event.id))).toEqual(committed);
      expect(stored).toHaveLength(committed.size);
      await expectSound(handle, streams);
    });

    test("a reader that tails every partition meanwhile sees each event once, in order", async () => {
      const streams = Array.from({ length: 10 }, newStream);
      const before = await heads(handle);
      let writing = true;
      const tail = tailUntil(handle, before, () => !writing);
      const committed = (await Promise.all(writers(handle, streams))).flat();
      writing = false;
      const seen = await tail;
      expect(seen.map((event) => event.id).sort()).toEqual(committed.sort());
      for (const stream of streams) {
        const versions = seen.filter((event) => event.stream === stream).map((event) => event.version);
        expect(versions).toEqual(versions.map((_, index) => index + 1));
      }
    });
  });
}

/** Writers that append to one to three streams each round and take every fifth transaction back; give committed ids. */
function writers<Tx>(handle: StoreHandle<Tx>, streams: readonly string[]): Promise<string[]>[] {
  const { store, database } = handle.current;
  return Array.from({ length: WRITERS }, async (_, writer) => {
    const committed: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const count = 1 + ((writer + round) % 3);
      const calls = Array.from({ length: count }, (__, index) =>
        appendTo(streams[(writer * 3 + round * 7 + index * 5) % streams.length] ?? newStream(), [
          newEvent(),
          newEvent(),
        ]),
      );
      const kept = (writer + round) % 5 !== 0;
      const done = database.transaction(async (tx) => {
        await store.append(tx, calls);
        if (!kept) throw new RangeError("taken back");
      });
      if (!kept) await expect(done).rejects.toThrow("taken back");
      else {
        await done;
        committed.push(...calls.flatMap((call) => call.events.map((event) => event.id)));
      }
    }
    return committed;
  });
}

async function heads<Tx>(handle: StoreHandle<Tx>): Promise<readonly number[]> {
  return await Promise.all(Array.from({ length: PARTITIONS }, async (_, part) => (await head(handle, part)).gpos));
}

async function eventsAfter<Tx>(handle: StoreHandle<Tx>, cursors: readonly number[]): Promise<StoredEvent[]> {
  const pages = await Promise.all(cursors.map((cursor, part) => readAll(handle, part, cursor)));
  return pages.flat();
}

/** Follows all partitions; after `done` it reads once more, as what was committed before must be there by then. */
async function tailUntil<Tx>(
  handle: StoreHandle<Tx>,
  from: readonly number[],
  done: () => boolean,
): Promise<StoredEvent[]> {
  const cursors = [...from];
  const seen: StoredEvent[] = [];
  for (let last = false; ; last = done()) {
    for (const event of await eventsAfter(handle, cursors)) {
      expect(event.gpos).toBe((cursors[event.part] ?? 0) + 1);
      cursors[event.part] = event.gpos;
      seen.push(event);
    }
    if (last) return seen;
  }
}

async function expectSound<Tx>(handle: StoreHandle<Tx>, streams: readonly string[]): Promise<void> {
  for (const part of new Set(streams.map(partitionOf))) {
    const events = await readAll(handle, part);
    expect(verifyChain(events, CHAIN_START, 0)).toBeUndefined();
    expect(await head(handle, part)).toMatchObject({ gpos: events.length });
  }
  for (const stream of streams) {
    const versions = (await read(handle, stream)).map((event) => event.version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  }
}
