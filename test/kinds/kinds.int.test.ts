import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createEgress, type Egress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { openWorlds } from "./open-worlds.ts";
import { EXPECTED } from "./expected.ts";
import { rowOf, sentinelYaml, specsOf, watch, watchBroken } from "./watch-worlds.ts";
import type { World } from "./world.ts";
import { OPENINGS } from "./worlds.ts";

const STARTING_MS = 120_000;
const KINDS = Object.keys(OPENINGS);

let egress: Egress;
let worlds: readonly World[] = [];
beforeAll(async () => {
  egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  worlds = await openWorlds();
}, STARTING_MS);

afterAll(async () => {
  for (const world of worlds) await world.stop();
  egress.close();
}, STARTING_MS);

describe("one file with a monitor of every kind", () => {
  test(
    "is well throughout while nothing is broken",
    async () => {
      const specs = specsOf(sentinelYaml(worlds));
      const rows = [];
      for (const world of worlds) {
        rows.push(rowOf(world.kind, "nothing is broken", await watch(world, specs.get(world.kind), egress)));
      }
      expect(rows.filter(({ verdict }) => verdict !== "healthy")).toEqual([]);
      expect(rows).toHaveLength(worlds.length);
    },
    STARTING_MS,
  );

  test.each(KINDS)(
    "%s: says in both languages what is broken, in each way in which it is, and is well again after it",
    async (kind) => {
      const world = worlds.find((each) => each.kind === kind);
      if (world === undefined) return;
      const seen = [];
      for (const change of world.changes) seen.push(await watchBroken(world, change, egress));
      expect(seen).toEqual(EXPECTED.filter((row) => row.kind === kind));
      expect(seen.length).toBeGreaterThanOrEqual(3);
      const after = await watch(world, specsOf(sentinelYaml([world])).get(kind), egress);
      expect(rowOf(kind, "mended", after)).toMatchObject({ verdict: "healthy", reason: "" });
    },
    STARTING_MS,
  );
});
