import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { untilAborted } from "./until-aborted.ts";

const collect = (): void => {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
};

test("what was handed on is not kept while the next is waited for", async () => {
  const refs: WeakRef<object>[] = [];
  async function* source(): AsyncGenerator<object> {
    for (let i = 0; i < 100; i += 1) {
      await nextTurn();
      const value = { i };
      refs.push(new WeakRef(value));
      yield value;
    }
    await new Promise(() => undefined);
  }
  const giveUp = new AbortController();
  const all = Promise.withResolvers<void>();
  const reading = (async () => {
    let count = 0;
    for await (const value of untilAborted(source(), giveUp.signal)) {
      count += Object.keys(value).length;
      if (count === 100) all.resolve();
    }
  })();
  await all.promise;
  await nextTurn();
  collect();
  // The last ones may still be in the hands of the two generators.
  expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(5);
  giveUp.abort();
  await reading;
});

test("it ends without an error while its source waits, and tells the source", async () => {
  const giveUp = new AbortController();
  let returned = false;
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: () => {
        returned = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const reading = untilAborted(source, giveUp.signal).next();
  giveUp.abort();
  expect(await reading).toEqual({ done: true, value: undefined });
  expect(returned).toBe(true);
});

test("what the source throws is thrown", async () => {
  async function* source(): AsyncGenerator<number> {
    yield 1;
    throw new Error("gone");
  }
  const read = untilAborted(source(), new AbortController().signal);
  expect(await read.next()).toEqual({ done: false, value: 1 });
  await expect(read.next()).rejects.toThrow("gone");
});
