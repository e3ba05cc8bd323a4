import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { hashSources } from "./web-build.ts";

test("the hash of the sources changes with a source's content and name, and with nothing else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sentinel-sources-"));
  const hash = () => hashSources(folder, ["app/**/*.*"]);
  try {
    await mkdir(join(folder, "app"));
    await writeFile(join(folder, "app/page.ts"), "one");
    const first = await hash();
    for (const ignored of ["app/page.test.ts", "app/next-env.d.ts", "other.ts"]) {
      await writeFile(join(folder, ignored), "x");
    }
    expect(await hash()).toBe(first);
    await writeFile(join(folder, "app/page.ts"), "two");
    const second = await hash();
    await rename(join(folder, "app/page.ts"), join(folder, "app/pages.ts"));
    expect(new Set([first, second, await hash()]).size).toBe(3);
  } finally {
    await rm(folder, { recursive: true });
  }
});
