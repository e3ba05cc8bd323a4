import { writeFile } from "node:fs/promises";
import { parseConfig, writeYaml } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import { renderProblem } from "@sentinel/contracts/text";
import { type Command, EXIT } from "../command.ts";
import { assemble } from "../import/draft.ts";
import { createLedger } from "../import/ledger.ts";
import { reportText } from "../import/report.ts";
import { isSourceName, SOURCES } from "../import/sources.ts";
import { unknownCommand } from "./subcommand.ts";

/** `sentinel import`: monitors from what another program is configured by, and a full account of what became of it. */
export const importCommand: Command = {
  name: "import",
  options: { write: { type: "string", short: "w" } },
  async run(parsed, { terminal, locale }) {
    const [source, ...files] = parsed.words;
    const names = Object.keys(SOURCES);
    if (source === undefined)
      throw new SentinelError("argument_missing", { argument: names.join(" | "), command: "import" });
    if (!isSourceName(source)) throw unknownCommand(source, names, "import ");
    if (files.length === 0) throw new SentinelError("argument_missing", { argument: "FILE", command: "import" });
    const ledger = createLedger();
    const { input, drafts } = await SOURCES[source](files, ledger);
    const monitors = assemble(drafts, ledger, (problem) => renderProblem(locale, problem));
    const { notes, secrets } = ledger.close(input);
    const count = Object.keys(monitors).length;
    const yaml = writeYaml({ monitors });
    const checked = parseConfig(yaml, { file: "sentinel.yaml", env: {} });
    if (!checked.ok)
      throw new Error(`the configuration written is not read again: ${JSON.stringify(checked.problems)}`);
    const file = parsed.value("write");
    if (file === undefined) terminal.out(yaml);
    else if (count > 0) await writeNew(file, yaml);
    terminal.err(reportText(locale, { notes, secrets, monitors: count, entries: drafts.length, file }));
    return count > 0 ? EXIT.ok : EXIT.failed;
  },
};

/** Never over a file that is there: it may be the only copy of what somebody wrote. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (cause) {
    const reason = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : String(cause);
    if (reason === "EEXIST") throw new SentinelError("file_exists", { file }, { cause });
    throw new SentinelError("file_not_writable", { file, reason }, { cause });
  }
}
