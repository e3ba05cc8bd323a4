// Writes docs/errors.md from the error table, so that no code goes unexplained. `--check` only compares.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MonitorSpec, Verdict } from "@sentinel/contracts";
import { ERRORS } from "@sentinel/contracts/errors";
import { codesOf, renderReason, renderText } from "@sentinel/contracts/text";
import { diagnose } from "../services/incidents/src/core/diagnosis.ts";

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

/** What to do where no rule of the diagnosis speaks: it is about Sentinel itself, a repair or a message. */
const ADVICE: Readonly<Record<string, string>> = {
  address_metadata: "Watch another address; this one stays forbidden.",
  bad_url: "Write the address whole, such as https://example.com/health.",
  scheme_not_allowed: "Begin the address with http:// or https://.",
  credentials_in_url: "Take them out of the address; send them in `headers` where the service needs them.",
  heartbeat_awaited: "Call the address that the monitor shows at the end of the job.",
  heartbeat_unheard: "Nothing; the next call tells. Let the job repeat a call that is not answered.",
  heartbeat_unasked: "Look whether the incidents service and its database answer.",
  prober_overloaded: "Give Sentinel’s machine more room, or check less often.",
  late: "Give Sentinel’s machine more room, or check less often.",
  still_running: "Make `timeout` shorter than `every`, or check less often.",
  prober_stopped: "Nothing; keep Sentinel running where no check may be missed.",
  broker_forgot: "Nothing; results are sent again. Check the disk of the message bus if it happens more than once.",
  spool_full:
    "Find out why results were not folded for so long; give the spool more room with `SENTINEL_SPOOL_MAX_BYTES`.",
  result_too_large: "Let the service answer with smaller headers, or watch fewer endpoints with one monitor.",
  not_verified: "Repair it by hand; the incident stays open and names what to try.",
  outcome_unknown: "Repair it by hand; the incident stays open and names what to try.",
  incident_closed: "Nothing.",
  interrupted: "Nothing; the next check settles it.",
  deadline_passed: "Look whether the service, or the receiver, answers at all.",
  smtp_refused: "Look up the code in the log of the mail server, and check `from`, `to`, `user` and `password`.",
  smtp_no_tls: "Set `security: tls` with the right port, or `none` where that is acceptable.",
  http_status: "Check the address and the secret of the channel; the receiver’s log says why it refused.",
  not_configured: "Put the channel back into `notifications`, or ignore it.",
};

const adviceFor = (reason: string): string => ADVICE[reason] ?? recommended(reason);

/** The recommendations of the diagnosis for a check that failed with this reason. */
function recommended(reason: string): string {
  const status = reason === "status" ? 500 : 0;
  const failed = {
    url: "",
    verdict: Verdict.DOWN,
    reason,
    status,
    durationMs: 0,
    phases: undefined,
    evidence: undefined,
  };
  const spec = MonitorSpec.fromPartial({});
  const { recommendations } = diagnose({
    spec,
    verdict: Verdict.DOWN,
    failing: [failed],
    endpointsTotal: 1,
    lastHealthyAtMs: 0,
    atMs: 0,
  });
  return recommendations.map((each) => renderText("en", `recommendation.${each}`)).join(" ");
}

const cell = (words: string): string => words.replaceAll("|", "\\|").replaceAll("\n", " ");

const reasonRows = codesOf("reason.").map(
  (code) => `| ${code} | ${cell(renderReason("en", code))} | ${cell(adviceFor(code))} |`,
);

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
  "the terminal and in the log. This page is written by `node tools/errors-doc.ts` from `packages/contracts/src/errors`.",
  "",
  ...entries,
  "# Reasons",
  "",
  "Why a check failed or was not made, why a repair or a message failed: `reason` of a check, in an incident and in the",
  "timeline. The diagnosis of an incident says more, from the evidence of the case.",
  "",
  "| Reason | What happened | What to do |",
  "|---|---|---|",
  ...reasonRows,
  "",
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
