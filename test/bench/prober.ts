import { costAt } from "./prober-cost.ts";
import { scaleFigures } from "./prober-scale.ts";
import { latenessOnOneCore } from "./prober-lateness.ts";
import type { Bench, Figure } from "./report.ts";

const RATES = [100, 300, 1000] as const;

/** What checks cost, how late they are, and what ten thousand monitors take. */
export const prober: Bench = async ({ smoke, minutes }) => {
  const figures: Figure[] = [];
  for (const perSecond of smoke ? [50] : RATES) figures.push(...(await costAt(perSecond, smoke ? 3000 : 15_000)));
  figures.push(await latenessOnOneCore(smoke ? 50 : 500, smoke ? 5000 : 30_000));
  figures.push(
    ...(await scaleFigures({ monitors: smoke ? 200 : 10_000, smoke, minutes: minutes ?? (smoke ? 0.1 : 5) })),
  );
  return figures;
};
