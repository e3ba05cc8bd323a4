import { expect, test } from "@jest/globals";
import { VirtualClock } from "@sentinel/testkit";
import { createAtOnce } from "./at-once.ts";

const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

test("of very many, some are under way at a time, each begins in its turn, and none is left out", async () => {
  const clock = new VirtualClock();
  const atOnce = createAtOnce(clock, new AbortController().signal);
  const order: number[] = [];
  const ends: (() => void)[] = [];
  for (let i = 0; i < 1000; i += 1) {
    atOnce.add(() => {
      order.push(i);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  }
  const most = order.length;
  expect(most).toBeLessThan(1000);
  while (ends.length > 0) {
    ends.shift()?.();
    await settled();
    expect(ends.length).toBeLessThanOrEqual(most);
  }
  expect(order).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});

test("those that hang keep the others waiting for a moment only, and what needs no look takes no place", async () => {
  const clock = new VirtualClock();
  const atOnce = createAtOnce(clock, new AbortController().signal);
  let begun = 0;
  for (let i = 0; i < 1000; i += 1) {
    atOnce.add(() => {
      begun += 1;
      return i % 2 === 0 ? new Promise(() => undefined) : undefined;
    });
  }
  expect(begun).toBeLessThan(1000);
  await clock.advance(3000);
  expect(begun).toBe(1000);
});

test("what has not begun when the prober stops never does", async () => {
  const stopping = new AbortController();
  const atOnce = createAtOnce(new VirtualClock(), stopping.signal);
  let begun = 0;
  const ends: (() => void)[] = [];
  for (let i = 0; i < 1000; i += 1) {
    atOnce.add(() => {
      begun += 1;
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  }
  const before = begun;
  stopping.abort();
  for (const end of ends) end();
  await settled();
  expect(begun).toBe(before);
});
