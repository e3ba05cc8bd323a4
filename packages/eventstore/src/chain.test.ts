import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { CHAIN_START, chainHash, type Row, verifyChain } from "./chain.ts";
import type { StoredEvent } from "./store.ts";

function row(gpos: number): Row {
  return {
    part: 3,
    gpos,
    stream: "incident-1",
    version: gpos,
    id: `e-${gpos}`,
    type: "IncidentOpened",
    schemaVersion: 1,
    payload: Uint8Array.of(8, 1, 18, gpos),
    metadata: { traceparent: "00-abc", actor: "fold" },
    atMs: 1_700_000_000_000 + gpos,
  };
}

function chainOf(length: number): StoredEvent[] {
  let previous = CHAIN_START;
  return Array.from({ length }, (_, index) => {
    const plain = row(index + 1);
    previous = chainHash(previous, plain);
    return { ...plain, hash: previous };
  });
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, index) => (index === Math.floor(bit / 8) ? byte ^ (1 << (bit % 8)) : byte));
}

describe("the hash chain", () => {
  test("hashes as it did when the first event was stored, so old chains stay verifiable", () => {
    const hex = Buffer.from(chainHash(CHAIN_START, row(1))).toString("hex");
    expect(hex).toBe("104fd01117ec61f12211f4067a7ddb0d1fb417cc840be4d2130dc080dbf9917b");
  });

  test("is true for untouched events, whole or page by page", () => {
    const events = chainOf(6);
    expect(verifyChain(events, CHAIN_START, 0)).toBeUndefined();
    expect(verifyChain(events.slice(3), events[2]?.hash ?? CHAIN_START, 3)).toBeUndefined();
    expect(verifyChain([], CHAIN_START)).toBeUndefined();
  });

  test("shows where any single bit of a payload or hash was flipped", () => {
    fc.assert(
      fc.property(fc.nat({ max: 5 }), fc.boolean(), fc.nat({ max: 31 }), (at, inPayload, bit) => {
        const events = chainOf(6).map((event, index) => {
          if (index !== at) return event;
          return inPayload
            ? { ...event, payload: flip(event.payload, bit) }
            : { ...event, hash: flip(event.hash, bit) };
        });
        expect(verifyChain(events, CHAIN_START, 0)).toEqual({ part: 3, gpos: at + 1, problem: "hash" });
      }),
    );
  });

  const changes: readonly Partial<StoredEvent>[] = [
    { stream: "incident-2" },
    { version: 9 },
    { id: "e-9" },
    { type: "IncidentClosed" },
    { schemaVersion: 2 },
    { atMs: 0 },
    { metadata: { actor: "fold" } },
    { metadata: { traceparent: "00-abc", actor: "somebody" } },
    { metadata: { traceparent: "00-abcactor", a: "fold" } },
  ];
  test.each(changes)("shows a change of %j", (change) => {
    const events = chainOf(3).map((event, index) => (index === 1 ? { ...event, ...change } : event));
    expect(verifyChain(events, CHAIN_START, 0)).toEqual({ part: 3, gpos: 2, problem: "hash" });
  });

  test("shows an event that was taken out, doubled or moved", () => {
    const [a, b, c] = chainOf(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error("three events");
    expect(verifyChain([a, c], CHAIN_START, 0)).toEqual({ part: 3, gpos: 2, problem: "gap" });
    expect(verifyChain([b, c], CHAIN_START, 0)).toEqual({ part: 3, gpos: 1, problem: "gap" });
    expect(verifyChain([a, a, b], CHAIN_START, 0)).toEqual({ part: 3, gpos: 2, problem: "gap" });
    expect(verifyChain([b, a, c], CHAIN_START, 0)).toEqual({ part: 3, gpos: 1, problem: "gap" });
  });

  test("does not depend on the order of metadata keys", () => {
    const [first] = chainOf(1);
    if (first === undefined) throw new Error("one event");
    const reordered = { ...first, metadata: { actor: "fold", traceparent: "00-abc" } };
    expect(verifyChain([reordered], CHAIN_START, 0)).toBeUndefined();
  });
});
