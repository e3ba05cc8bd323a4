// Writes docs/reasons.md: every typed reason with its sentences, likely causes and first step. `--check` only compares.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MonitorSpec, Verdict } from "@sentinel/contracts";
import { codesOf, type Locale, renderReason, renderText } from "@sentinel/contracts/text";
import { diagnose } from "../services/incidents/src/core/diagnosis.ts";
import { OWN_REASONS } from "./own-reasons.ts";

const file = join(import.meta.dirname, "../docs/reasons.md");

/** What the diagnosis says of a check that failed with this reason, in the words that need no facts of the case. */
function diagnosed(reason: string): { readonly causes: string; readonly step: string } {
  const failed = {
    // Of a protocol that is not kept, the row is for all kinds of checks.
    url: reason === "protocol" ? "tcp://host:1" : "",
    verdict: Verdict.DOWN,
    reason,
    status: reason === "status" ? 500 : 0,
    durationMs: 0,
    phases: undefined,
    evidence: undefined,
  };
  const { rule, cause, recommendations } = diagnose({
    spec: MonitorSpec.fromPartial({}),
    verdict: Verdict.DOWN,
    failing: [failed],
    endpointsTotal: 1,
    lastHealthyAtMs: 0,
    atMs: 0,
  });
  if (rule.startsWith("other/"))
    throw new Error(`${reason} has neither a rule of the diagnosis nor an entry in own-reasons.ts`);
  return { causes: renderText("en", `cause.${cause}`), step: renderText("en", `recommendation.${recommendations[0]}`) };
}

const about = (reason: string): { readonly causes: string; readonly step: string } =>
  OWN_REASONS[reason] ?? diagnosed(reason);

const cell = (words: string): string => words.replaceAll("|", "\\|").replaceAll("\n", " ");
const said = (locale: Locale, reason: string): string => cell(renderReason(locale, reason));

const rows = codesOf("reason.").map((reason) => {
  const { causes, step } = about(reason);
  return `| \`${reason}\` | ${said("en", reason)} | ${said("fr", reason)} | ${cell(causes)} | ${cell(step)} |`;
});

const text = [
  "# Reasons",
  "",
  "Why a check failed, was not judged or was not made; why a repair or a message failed: `reason` of a check, in an incident,",
  "in the timeline and in messages. The sentences are those without the facts of a case; with them they name the host, the",
  "port, what was expected. The diagnosis of an incident says more, from its evidence: for `status`, the table shows that of",
  "an error 500. This page is written by `node tools/reasons-doc.ts` from the texts of `packages/contracts/src/text` and the",
  "rules of `services/incidents/src/core/diagnosis.ts`.",
  "",
  "| Reason | What happened | Ce qui s’est passé | Likely causes | First step |",
  "|---|---|---|---|---|",
  ...rows,
  "",
].join("\n");

if (process.argv.includes("--check")) {
  const written = await readFile(file, "utf8").catch(() => "");
  if (written !== text) {
    process.stdout.write(
      "docs/reasons.md is not what the texts and rules say: run `node tools/reasons-doc.ts` and commit it.\n",
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(file, text);
}
