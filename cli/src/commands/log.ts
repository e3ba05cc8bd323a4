import { resolve } from "node:path";
import { exportLog, importLog, type LogDamage, type Transactions, verifyLog } from "@sentinel/eventstore";
import { type Database, postgresEventStore, provePage, snapshotOf, type Tx } from "@sentinel/eventstore/postgres";
import { createPostgresFoldStore, decodeForRebuild, rebuildFromLog } from "@sentinel/incidents";
import { formatNumber, type Locale, renderText } from "@sentinel/contracts/text";
import { systemClock } from "@sentinel/service-kit";
import { type Command, EXIT } from "../command.ts";
import { SentinelError } from "@sentinel/contracts/errors";
import { withLinesOf, writeWholeFile } from "../log/log-lines.ts";
import { LOG_OPTIONS, withLog, withNewLog } from "../log/open-log.ts";
import { type Parsed, readChoice, takeWords } from "../parse-options.ts";
import { toJson } from "../rest/rest-options.ts";
import type { Context } from "../terminal.ts";
import { subcommand } from "./subcommand.ts";

/** `sentinel log`: proves that the event log is what was written, takes it away and brings it back. */
export const log: Command = {
  name: "log",
  options: LOG_OPTIONS,
  async run(parsed, context) {
    const { action, words } = subcommand("log", parsed.words, ["verify", "export", "import"]);
    if (action === "verify") {
      takeWords("log verify", words, []);
      return await verify(parsed, context);
    }
    if (action === "export") {
      const [file, extra] = words;
      if (extra !== undefined)
        throw new SentinelError("argument_unexpected", { argument: extra, command: "log export" });
      return await exportTo(file, parsed, context);
    }
    const [file = ""] = takeWords("log import", words, ["FILE"]);
    return await importFrom(file, parsed, context);
  },
};

const wantsJson = (parsed: Parsed): boolean =>
  readChoice("--output", parsed.value("output") ?? "table", ["table", "json"]) === "json";

async function verify(parsed: Parsed, context: Context): Promise<number> {
  const json = wantsJson(parsed);
  const { events, damage, seconds } = await withLog(parsed, context, async (database) => {
    const from = systemClock.monotonic();
    const found = await verifyLog(postgresEventStore, database, { prove: provePage, lanes: 4 });
    return { ...found, seconds: Math.max(0.001, (systemClock.monotonic() - from) / 1000) };
  });
  const eventsPerSecond = Math.round(events / seconds);
  const { terminal, locale } = context;
  if (json)
    terminal.out(toJson({ sound: damage === undefined, events, seconds, eventsPerSecond, damage: damage ?? null }));
  else if (damage !== undefined) terminal.out(`${describeDamage(damage, events, locale)}\n`);
  else {
    const [count, rate] = [formatNumber(locale, events), formatNumber(locale, eventsPerSecond)];
    terminal.out(`${renderText(locale, "cli.log_sound", { events: count, rate, seconds: seconds.toFixed(1) })}\n`);
  }
  return damage === undefined ? EXIT.ok : EXIT.failed;
}

function describeDamage({ part, gpos, stream, problem }: LogDamage, events: number, locale: Locale): string {
  return renderText(locale, "cli.log_damaged", {
    part: String(part),
    gpos: String(gpos),
    stream: stream === "" ? "?" : stream,
    problem: renderText(locale, `cli.log_problem.${problem}`),
    events: formatNumber(locale, events),
  });
}

async function exportTo(file: string | undefined, parsed: Parsed, context: Context): Promise<number> {
  const json = wantsJson(parsed);
  const { terminal, locale } = context;
  return await withLog(parsed, context, async (database) => {
    const write = (to: (lines: readonly string[]) => Promise<void>) =>
      exportLog(postgresEventStore, snapshotOf(database), to);
    if (file === undefined) {
      await write(async (lines) => {
        terminal.out(`${lines.join("\n")}\n`);
        await terminal.drained();
      });
      return EXIT.ok;
    }
    const path = resolve(terminal.cwd, file);
    const events = await writeWholeFile(path, write);
    terminal.out(json ? toJson({ events, file: path }) : said(locale, "cli.log_exported", events, path));
    return EXIT.ok;
  });
}

async function importFrom(file: string, parsed: Parsed, context: Context): Promise<number> {
  const json = wantsJson(parsed);
  const { terminal, locale } = context;
  const events = await withLinesOf(resolve(terminal.cwd, file), (lines) =>
    withNewLog(parsed, context, (database) => importAll(database, lines)),
  );
  terminal.out(json ? toJson({ events }) : said(locale, "cli.log_imported", events, file));
  return EXIT.ok;
}

/** The log and what is made from it, in one transaction. */
function importAll(database: Database, lines: AsyncIterable<string>): Promise<number> {
  return database.transaction(async (tx) => {
    const within: Transactions<Tx> = { transaction: (fn) => fn(tx) };
    const events = await importLog(postgresEventStore, within, lines, decodeForRebuild);
    const streams = await tx<{ stream: string }[]>`SELECT DISTINCT stream FROM events ORDER BY stream`;
    const names = streams.map(({ stream }) => stream);
    const store = createPostgresFoldStore({
      ...within,
      sql: database.sql,
      where: database.where,
      patiently: (work) => database.patiently(work),
      close: () => database.close(),
    });
    await rebuildFromLog(store, names);
    return events;
  });
}

const said = (locale: Locale, key: string, events: number, file: string): string =>
  `${renderText(locale, key, { events: formatNumber(locale, events), file })}\n`;
