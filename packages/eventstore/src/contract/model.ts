import { describe, expect, test } from "@jest/globals";
import { SentinelError } from "@sentinel/contracts/errors";
import * as fc from "fast-check";
import type { Expected } from "../store.ts";
import { append, appendTo, newEvent, newStream, read, type StoreHandle } from "./store-handle.ts";

/** One step of a history over three streams. */
interface Step {
  readonly stream: number;
  readonly count: number;
  readonly expected: Expected;
  readonly fate: "commit" | "rollback" | "repeat";
}

const step: fc.Arbitrary<Step> = fc.record({
  stream: fc.nat({ max: 2 }),
  count: fc.nat({ max: 3 }),
  expected: fc.oneof(fc.constantFrom("none", "exists", "any"), fc.nat({ max: 6 })),
  fate: fc.constantFrom("commit", "commit", "commit", "rollback", "repeat"),
});

export function modelContract<Tx>(handle: StoreHandle<Tx>): void {
  describe("any history", () => {
    test("ends as the plainest model of it: a list of ids per stream", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const streams = [newStream(), newStream(), newStream()];
          const model = streams.map((): string[] => []);
          for (const one of steps) await play(handle, streams, model, one);
          for (const [index, stream] of streams.entries()) {
            expect((await read(handle, stream)).map((event) => event.id)).toEqual(model[index]);
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}

async function play<Tx>(handle: StoreHandle<Tx>, streams: string[], model: string[][], step: Step): Promise<void> {
  const { store, database } = handle.current;
  const stream = streams[step.stream] ?? "";
  const list = model[step.stream] ?? [];
  const call = appendTo(
    stream,
    Array.from({ length: step.count }, () => newEvent()),
    step.expected,
  );
  const outcome = await database
    .transaction(async (tx) => {
      const [result] = await store.append(tx, [call]);
      if (step.fate === "rollback") throw new RangeError("taken back");
      return result?.version;
    })
    .catch((thrown: unknown) => (thrown instanceof SentinelError ? thrown.code : "taken back"));
  if (!meets(step.expected, list.length)) return expect(outcome).toBe("version_conflict");
  if (step.fate === "rollback") return expect(outcome).toBe("taken back");
  list.push(...call.events.map((event) => event.id));
  expect(outcome).toBe(list.length);
  if (step.fate !== "repeat" || step.count === 0) return undefined;
  const [again] = await append(handle, call);
  return expect([again?.version, again?.repeated]).toEqual([list.length, true]);
}

function meets(expected: Expected, length: number): boolean {
  if (expected === "any") return true;
  if (expected === "none") return length === 0;
  return expected === "exists" ? length > 0 : expected === length;
}
