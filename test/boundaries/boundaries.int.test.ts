import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "../..");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sentinel-boundaries-"));
  await copyFile(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lints one file with the project's rules, as if it stood at `path`. */
async function lint(path: string, source: string): Promise<{ failed: boolean; output: string }> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, source);
  return new Promise((resolve) => {
    execFile(join(root, "node_modules/.bin/oxlint"), [path], { cwd: folder }, (error, stdout) => {
      resolve({ failed: error !== null, output: stdout.replace(/\s+/g, " ") });
    });
  });
}

const broken = [
  [
    "a service that imports another",
    "services/prober/src/a.ts",
    `export * from "@sentinel/incidents";`,
    "Services never import each other",
  ],
  [
    "a package that imports a service",
    "packages/egress/src/a.ts",
    `export * from "@sentinel/prober";`,
    "Packages never import services",
  ],
  ["core that reads a file", "services/incidents/src/core/a.ts", `export * from "node:fs";`, "core/ is pure"],
  ["core that reads the clock", "services/incidents/src/core/b.ts", `export const at = Date.now();`, "core/ is pure"],
  ["core that rolls dice", "services/incidents/src/core/c.ts", `export const x = Math.random();`, "core/ is pure"],
  ["core that waits", "services/incidents/src/core/d.ts", `setTimeout(() => undefined, 1);`, "core/ is pure"],
  [
    "core that imports the bus",
    "services/incidents/src/core/e.ts",
    `export * from "@sentinel/messaging";`,
    "core/ is pure",
  ],
  [
    "a connection outside egress",
    "services/incidents/src/a.ts",
    `export * from "node:http";`,
    "Only packages/egress opens outbound connections",
  ],
  [
    "a global fetch outside egress",
    "cli/src/a.ts",
    `await fetch("http://example.com");`,
    "Only packages/egress opens outbound connections",
  ],
] as const;

test.each(broken)("lint refuses %s, and says why", async (_name, path, source, message) => {
  const { failed, output } = await lint(path, source);
  expect(failed).toBe(true);
  expect(output).toContain(message);
});

test("lint lets the same imports stand where they belong", async () => {
  const { failed, output } = await lint("packages/egress/src/ok.ts", `export * from "node:net";\n`);
  expect({ failed, output }).toMatchObject({ failed: false });
});
