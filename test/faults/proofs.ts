import { readFile, writeFile } from "node:fs/promises";
import { KINDS, type Kind, type Outcome } from "./profile.ts";

const HOW: Readonly<Record<Kind, string>> = {
  kills:
    "One process with its database; the process, the database, or both at once are ended by SIGKILL at random moments, also during a start.",
  "kills-distributed":
    "Two incidents services that share the partitions, prober, gateway, nats-server and PostgreSQL, each ended by SIGKILL at random moments and started again.",
  "points-distributed": "Each named crash point of the code, in the service that it belongs to, in distributed mode.",
  amnesia:
    "The broker is restored from an older copy of its store, emptied, or its streams are deleted or purged, while results flow.",
  "power-cuts":
    "All data on a file system in a file. Everything is stopped where it stands, the file is copied, and the next start has the copy: what was not synced is gone.",
  "power-cuts-unsafe":
    "The same with synchronous_commit = off: the auditor has to find what that loses, or the runs above prove nothing.",
  network:
    "A proxy of ours on each way between two processes: cut in both or one direction, delayed by 0.2 to 2 s, broken in the middle of its bytes, or half-open, where what is sent is accepted and lost and nobody hears of it.",
  clock:
    "The clock of one service jumps an hour ahead or back, or loses a fifth of each second, and is set right after some seconds; what measures durations goes on (Debian's libfaketime).",
  "disk-full":
    "PostgreSQL, the broker and the prober's spool each on a small disk that is filled to the last block and freed again; the database also when it needs a new file of its log at that moment. What ends by itself is started again, as by any supervisor.",
  "disk-full-all-in-one":
    "The same of one process, whose broker is in memory: PostgreSQL's disk and that of the spool.",
  "out-of-connections":
    "Every connection that PostgreSQL gives is taken for some seconds, each second time also those that Sentinel had.",
  "slow-fsync":
    "Each sync of PostgreSQL, of the broker or of the prober's spool takes 0.3 to 1 s longer (Debian's strace holds the call back).",
};

const FROM = "<!-- counts: written by npm run test:faults -- --full -->";
const UNTIL = "<!-- end of counts -->";

/** Puts the counts of a full run into the page, between their marks; the rest of the page is written by hand. */
export async function writeProofs(file: string, outcomes: readonly Outcome[]): Promise<void> {
  const page = await readFile(file, "utf8");
  const from = page.indexOf(FROM);
  const until = page.indexOf(UNTIL);
  if (from < 0 || until < from) throw new Error(`${file} has no place for the counts`);
  const head = page.slice(0, from + FROM.length);
  await writeFile(file, `${head}\n\n${KINDS.map((kind) => section(kind, outcomes)).join("\n")}\n${page.slice(until)}`);
}

function section(kind: Kind, all: readonly Outcome[]): string {
  const mine = all.filter(({ run }) => run.kind === kind);
  const made = mine.filter((each) => each.skipped === undefined);
  const sum = (of: (outcome: Outcome) => number): string =>
    made.reduce((total, each) => total + of(each), 0).toLocaleString("en");
  const failing = made.filter(({ findings }) => findings.length > 0);
  const seeds = mine.map(({ run }) => run.seed).join(", ");
  const lines = [
    `### ${kind}`,
    "",
    HOW[kind],
    "",
    `- Seeds: ${seeds === "" ? "none" : seeds}`,
    `- Faults: ${sum(({ run }) => run.count)} in ${made.length} runs; checks ${sum(({ checks }) => checks)}, incidents ${sum(({ incidents }) => incidents)}, messages ${sum(({ messages }) => messages)}`,
    `- Runs in which the auditor found something: ${failing.length}`,
    ...failing.map(
      ({ run, findings }) =>
        `  - seed ${run.seed}: ${[...new Set(findings.map(({ rule }) => rule))].join(", ")} (\`npm run test:faults -- --only ${kind} --seed ${run.seed} --count ${run.count}\`)`,
    ),
    ...[...new Set(mine.flatMap(({ skipped }) => skipped ?? []))].map((reason) => `- Skipped: ${reason}`),
    "",
  ];
  return lines.join("\n");
}
