// Writes docs/errors.md from the error table, so that no code goes unexplained. `--check` only compares.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ERRORS } from "@sentinel/contracts/errors";

const file = join(import.meta.dirname, "../docs/errors.md");

const entries = Object.entries(ERRORS)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, spec]) =>
    [
      `## ${code}`,
      "",
      `**${spec.en.title}.** HTTP ${spec.http}, gRPC ${spec.grpc}.`,
      "",
      `- *Why:* ${spec.en.detail}`,
      `- *What to do:* ${spec.en.fix}`,
      `- *En français:* ${spec.fr.title}. ${spec.fr.detail} ${spec.fr.fix}`,
      "",
    ].join("\n"),
  );

const text = [
  "# Errors",
  "",
  "Every error Sentinel can give, by code: what happened, why, what to do. Words in braces are filled with the facts of",
  "the case. The same code appears in REST (`code` of the problem document), in gRPC (trailer `sentinel-error-bin`), in",
  "the terminal and in the log. This page is written by `node tools/errors-doc.ts` from `packages/contracts/src/errors`.",
  "",
  ...entries,
].join("\n");

if (process.argv.includes("--check")) {
  const written = await readFile(file, "utf8").catch(() => "");
  if (written !== text) {
    process.stdout.write(
      "docs/errors.md is not what the error table says: run `node tools/errors-doc.ts` and commit it.\n",
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(file, text);
}
