// Writes docs/errors.md from the error table, so that no code goes unexplained. `--check` only compares.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ERRORS } from "@sentinel/contracts/errors";
import { codesOf, renderText } from "@sentinel/contracts/text";

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

const cell = (words: string): string => words.replaceAll("|", "\\|").replaceAll("\n", " ");

/** With its own names for parameters, so that the row reads as the sentence does. */
const named = { expected: "number", key: "{key}", near: "{near}" };
const problemRows = codesOf("problem.").map(
  (code) => `| ${code} | ${cell(renderText("en", `problem.${code}`, named))} |`,
);

const text = [
  "# Errors",
  "",
  "Every error Sentinel can give, by code: what happened, why, what to do. Words in braces are filled with the facts of",
  "the case. The same code appears in REST (`code` of the problem document), in gRPC (trailer `sentinel-error-bin`), in",
  "the terminal and in the log. Why a check failed is in [reasons.md](reasons.md). This page is written by `node tools/errors-doc.ts` from `packages/contracts/src/errors`.",
  "",
  ...entries,
  "# Problems",
  "",
  "What is wrong in `sentinel.yaml` or in the body of a request, and what to do: `problems[].code` of the problem",
  "document, with the path, and for a file with line and column.",
  "",
  "| Problem | What is wrong, and what to do |",
  "|---|---|",
  ...problemRows,
  "",
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
