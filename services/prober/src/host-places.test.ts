import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { createHostPlaces } from "./host-places.ts";

test("no host is asked by more at a time than it may be, all are asked in their order, and none waits for another host", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.nat(3), fc.boolean()), { maxLength: 60 }),
      async (most, asked) => {
        const places = createHostPlaces(most);
        const busy: Record<string, number> = { a: 0, b: 0 };
        const began: Record<string, number[]> = { a: [], b: [] };
        const done = await Promise.allSettled(
          asked.map(([host, turns, fails], index) =>
            places.run(host, async () => {
              busy[host] = (busy[host] ?? 0) + 1;
              began[host]?.push(index);
              expect(busy[host]).toBeLessThanOrEqual(most);
              for (let i = 0; i < turns; i += 1) await Promise.resolve();
              busy[host] -= 1;
              if (fails) throw new Error("broken");
              return index;
            }),
          ),
        );
        expect(done.map(({ status }) => status)).toEqual(
          asked.map(([, , fails]) => (fails ? "rejected" : "fulfilled")),
        );
        for (const order of Object.values(began)) expect(order).toEqual(order.toSorted((a, b) => a - b));
      },
    ),
  );
});

test("what leads to no host has no bound", async () => {
  const places = createHostPlaces(1);
  let begun = 0;
  const open = Promise.withResolvers<void>();
  const works = [1, 2, 3].map(() =>
    places.run("", async () => {
      begun += 1;
      await open.promise;
    }),
  );
  expect(begun).toBe(3);
  open.resolve();
  await Promise.all(works);
});
