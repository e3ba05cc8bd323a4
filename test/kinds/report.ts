import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { openWorlds } from "./open-worlds.ts";
import { type Row, rowOf, sentinelYaml, specsOf, watch, watchBroken } from "./watch-worlds.ts";

/** Prints of every kind how it was broken, the verdict, the reason, and the sentence in both languages. */
export async function report(): Promise<number> {
  const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  const worlds = await openWorlds();
  try {
    const specs = specsOf(sentinelYaml(worlds));
    for (const world of worlds) {
      print(rowOf(world.kind, "nothing is broken", await watch(world, specs.get(world.kind), egress)));
      for (const change of world.changes) print(await watchBroken(world, change, egress));
    }
    return 0;
  } finally {
    for (const world of worlds) await world.stop();
    egress.close();
  }
}

function print({ kind, how, verdict, reason, en, fr }: Row): void {
  const sentences = en === "" ? "" : `  ${en}\n  ${fr}\n`;
  process.stdout.write(`${kind}: ${how}\n  ${`${verdict} ${reason}`.trim()}\n${sentences}`);
}
