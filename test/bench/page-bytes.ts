import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Sentinel } from "../harness/sentinel.ts";
import { type Bench, type Figure, times } from "./report.ts";

const OUT = join(import.meta.dirname, "../../web/out");
const PAGES = [
  ["overview", "en"],
  ["monitors", "en/monitors"],
  ["one monitor", "en/monitors/_"],
  ["add a monitor", "en/monitors/new"],
  ["incidents", "en/incidents"],
  ["one incident", "en/incidents/_"],
  ["settings", "en/settings"],
] as const;
const GOAL_BYTES = 195_000;

/** JavaScript that each page of the built dashboard names, gzipped, without what only old browsers load. */
export const pageBytes: Bench = async () => {
  const html = await pages();
  return await Promise.all(
    html.map(async ({ name, text }): Promise<Figure> => {
      // What a page loads ahead, such as its language, stands in a link.
      const tags = text.match(/<(?:script|link)\b[^>]*>/g) ?? [];
      const paths = tags
        .filter((tag) => !/\bnomodule\b/i.test(tag))
        .map((tag) => /(?:src|href)="(\/_next\/[^"]+\.js)"/.exec(tag)?.[1]);
      const sizes = await Promise.all([...new Set(paths)].map(gzippedBytes));
      const sum = sizes.reduce((total, size) => total + size, 0);
      return {
        what: `JavaScript of the page "${name}", gzipped`,
        value: `${(sum / 1000).toFixed(0)} kB`,
        against: `goal: ≤ ${GOAL_BYTES / 1000} kB (framework 135, page 60)`,
        ratio: times(sum / GOAL_BYTES),
      };
    }),
  );
};

async function gzippedBytes(path: string | undefined): Promise<number> {
  return path === undefined ? 0 : gzipSync(await readFile(join(OUT, path))).length;
}

async function pages(): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const read = async () =>
    await Promise.all(
      PAGES.map(async ([name, path]) => ({ name, text: await readFile(join(OUT, `${path}.html`), "utf8") })),
    );
  try {
    return await read();
  } catch {
    await buildDashboard();
    return await read();
  }
}

/** `sentinel up` builds it when it is not there. */
async function buildDashboard(): Promise<void> {
  const sentinel = await Sentinel.create();
  sentinel.start();
  try {
    await sentinel.ready(300_000);
  } finally {
    await sentinel.remove();
  }
}
