// Everything that can be said of the code without running it: `npm run check`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (name) => join(root, "node_modules/.bin", name);

function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return { ok: done.status === 0, output: `${done.stdout ?? ""}${done.stderr ?? ""}` };
}

/** Generates the wire code into a temporary folder and compares it with what is committed. */
function generatedIsCurrent() {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-generated-"));
  try {
    const made = run(bin("buf"), ["generate", "-o", folder]);
    if (!made.ok) return made;
    const committed = join(root, "packages/contracts/src/generated");
    const fresh = join(folder, "packages/contracts/src/generated");
    run(bin("oxfmt"), ["-c", join(root, ".oxfmtrc.json"), fresh]);
    const described = run(bin("buf"), ["build", "--as-file-descriptor-set", "-o", join(fresh, "descriptor.binpb")]);
    if (!described.ok) return described;
    const same = run("diff", ["-r", committed, fresh]);
    return same.ok ? same : { ok: false, output: `${same.output}\nRun \`npm run proto\` and commit what it writes.\n` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Paths named in backticks or linked to in the documents, which nothing else keeps true. */
function namedPathsExist() {
  const folders = readdirSync(root, { withFileTypes: true }).filter((each) => each.isDirectory());
  const ours = new Set(folders.map(({ name }) => name).filter((name) => name !== "node_modules"));
  const documents = ["README.md", "CONTRIBUTING.md", ...markdownIn("docs")];
  const gone = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), "utf8").replaceAll(/^```.*?^```/gms, "");
    const quoted = Array.from(text.matchAll(/`([\w@.[\]-]+\/[\w@./[\]-]*)`/g), ([, path]) => path);
    const named = quoted.filter((path) => ours.has(path.split("/")[0])).map((path) => [path, join(root, path)]);
    const links = Array.from(text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g), ([, path]) => path);
    const linked = links.map((path) => [path, join(root, dirname(document), path)]);
    return [...named, ...linked]
      .filter(([, place]) => !existsSync(place))
      .map(([path]) => `${document} names ${path}, which does not exist.\n`);
  });
  return { ok: gone.length === 0, output: gone.join("") };
}

function markdownIn(folder) {
  const names = readdirSync(join(root, folder), { recursive: true });
  return names.filter((name) => name.endsWith(".md")).map((name) => join(folder, name));
}

const checks = [
  ["types", () => run(bin("tsc"), ["-p", "tsconfig.json", "--noEmit"])],
  ["types of the dashboard", () => run(bin("tsc"), ["-p", "web/tsconfig.json", "--noEmit"])],
  ["lint", () => run(bin("oxlint"), ["--type-aware", "--deny-warnings"])],
  ["format", () => run(bin("oxfmt"), ["--check", "."])],
  ["unused code and imports (knip)", () => run(bin("knip"), [])],
  ["proto lint", () => run(bin("buf"), ["lint"])],
  [
    "proto breaking changes",
    () =>
      existsSync(join(root, "proto/released.binpb"))
        ? run(bin("buf"), ["breaking", "--against", "proto/released.binpb"])
        : {
            ok: false,
            output: "proto/released.binpb is missing: run `npx buf build -o proto/released.binpb` at a release.\n",
          },
  ],
  ["generated wire code", generatedIsCurrent],
  ["paths named in the documents", namedPathsExist],
  ["docs/errors.md", () => run(process.execPath, ["tools/errors-doc.ts", "--check"])],
  ["docs/reasons.md", () => run(process.execPath, ["tools/reasons-doc.ts", "--check"])],
];

let failed = 0;
for (const [name, check] of checks) {
  const from = performance.now();
  const { ok, output } = check();
  process.stdout.write(
    `${ok ? "ok    " : "FAILED"} ${String(name)} (${((performance.now() - from) / 1000).toFixed(1)} s)\n`,
  );
  if (!ok) {
    failed += 1;
    process.stdout.write(`${output.trimEnd().split("\n").slice(0, 80).join("\n")}\n`);
  }
}
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
