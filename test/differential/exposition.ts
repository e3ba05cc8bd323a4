/** What an exporter answered: its status, and each series with its value. */
export interface Scraped {
  readonly status: number;
  readonly series: ReadonlyMap<string, number>;
}

const SERIES = /^([a-z_]+(?:\{.*\})?) (\S+)$/;

export async function scrape(base: string, query: string): Promise<Scraped> {
  const answer = await fetch(`${base}/probe?${query}`);
  const lines = (await answer.text()).split("\n").flatMap((line) => {
    const [, name, value] = SERIES.exec(line) ?? [];
    return name === undefined || value === undefined || line.startsWith("#") ? [] : [[name, Number(value)] as const];
  });
  return { status: answer.status, series: new Map(answer.ok ? lines : []) };
}

/** Times differ from run to run; that they are there does not. */
const isTime = (series: string): boolean => /_duration_seconds|_lookup_time_seconds/.test(series);

export interface Difference {
  readonly series: string;
  readonly theirs: number | undefined;
  readonly ours: number | undefined;
}

export function differences(theirs: Scraped, ours: Scraped): readonly Difference[] {
  const names = [...new Set([...theirs.series.keys(), ...ours.series.keys()])];
  const status = { series: "(status)", theirs: theirs.status, ours: ours.status };
  const found = names.map((series) => ({ series, theirs: theirs.series.get(series), ours: ours.series.get(series) }));
  return [status, ...found].filter((each) => {
    const both = each.theirs !== undefined && each.ours !== undefined;
    return both && isTime(each.series) ? false : each.theirs !== each.ours;
  });
}
