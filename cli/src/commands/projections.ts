import { SentinelError } from "@sentinel/contracts/errors";
import { formatDateTime, formatNumber, renderText } from "@sentinel/contracts/text";
import { parkedStreams, releaseStream } from "@sentinel/incidents";
import { systemClock } from "@sentinel/service-kit";
import { type Command, EXIT } from "../command.ts";
import { LOG_OPTIONS, withLog } from "../log/open-log.ts";
import { readChoice, takeWords } from "../parse-options.ts";
import { toJson } from "../rest/rest-options.ts";
import { renderTable } from "../table.ts";
import type { Context } from "../terminal.ts";
import { subcommand } from "./subcommand.ts";

type Parked = Awaited<ReturnType<typeof parkedStreams>>;

/** `sentinel projections`: streams with an event that a read model could not use, and letting them go on. */
export const projections: Command = {
  name: "projections",
  options: LOG_OPTIONS,
  async run(parsed, context) {
    const { action, words } = subcommand("projections", parsed.words, ["list", "unpark"]);
    const json = readChoice("--output", parsed.value("output") ?? "table", ["table", "json"]) === "json";
    if (action === "list") {
      takeWords("projections list", words, []);
      list(await withLog(parsed, context, parkedStreams), json, context);
      return EXIT.ok;
    }
    const [stream = ""] = takeWords("projections unpark", words, ["STREAM"]);
    const found = await withLog(parsed, context, async (database) => {
      const before = (await parkedStreams(database)).find((each) => each.stream === stream);
      if (before === undefined) throw new SentinelError("stream_not_parked", { stream });
      const released = await releaseStream(database, systemClock, stream);
      return { released, after: (await parkedStreams(database)).filter((each) => each.stream === stream) };
    });
    // Whoever was faster has let it go on too.
    const released = found.released || found.after.length === 0;
    const { terminal, locale } = context;
    const reason = found.after[0]?.reason ?? "";
    const said = renderText(locale, `cli.stream_${released ? "unparked" : "still_parked"}`, { stream, reason });
    terminal.out(json ? toJson({ stream, released, reason }) : `${said}\n`);
    return released ? EXIT.ok : EXIT.failed;
  },
};

function list(parked: Parked, json: boolean, { terminal, locale }: Context): void {
  if (json) terminal.out(toJson({ parked }));
  else if (parked.length === 0) terminal.out(`${renderText(locale, "cli.no_parked_streams")}\n`);
  else {
    const head = ["projection", "stream", "version", "since", "skipped", "reason"];
    const rows = parked.map((each) => [
      each.projection,
      each.stream,
      formatNumber(locale, each.version),
      formatDateTime(locale, each.atMs),
      formatNumber(locale, each.skipped),
      each.reason,
    ]);
    terminal.out(
      renderTable(
        head.map((key) => renderText(locale, `cli.column.${key}`)),
        rows,
      ),
    );
  }
}
