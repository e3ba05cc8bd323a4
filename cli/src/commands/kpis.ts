import { kpiReport, type KpisView } from "@sentinel/contracts/api";
import { formatDuration, formatNumber, type Locale, renderText } from "@sentinel/contracts/text";
import { type Command, EXIT } from "../command.ts";
import { readInteger, takeWords } from "../parse-options.ts";
import { openRest, REST_OPTIONS, toJson } from "../rest/rest-options.ts";
import { renderTable } from "../table.ts";

const DEFAULT_DAYS = 30;
const MAX_DAYS = 400;
const COLUMNS = ["monitor", "incidents", "auto_fixes", "downtime", "mttd", "mtta", "mttr"];

/** `sentinel kpis`: how many incidents, how long, how soon detected, acknowledged and resolved. */
export const kpis: Command = {
  name: "kpis",
  options: { ...REST_OPTIONS, days: { type: "string" } },
  async run(parsed, { terminal, locale, ...context }) {
    takeWords("kpis", parsed.words, []);
    const days = readInteger("--days", parsed.value("days") ?? String(DEFAULT_DAYS), 1, MAX_DAYS);
    const rest = openRest(parsed, { ...context, terminal, locale });
    const { raw, value } = await rest.client.call(`/kpis?days=${days}`, kpiReport);
    if (rest.json) {
      terminal.out(toJson(raw));
      return EXIT.ok;
    }
    if (value.total.incidents === 0) {
      terminal.out(`${renderText(locale, "cli.no_kpis", { days: formatNumber(locale, days) })}\n`);
    } else {
      const rows = value.monitors.map((each) => [each.name, ...cells(locale, each)]);
      const total = [renderText(locale, "cli.kpis_total"), ...cells(locale, value.total)];
      const head = COLUMNS.map((key) => renderText(locale, `cli.column.${key}`));
      terminal.out(renderTable(head, [...rows, total]));
    }
    const parked = value.projections.reduce((sum, { parkedStreams }) => sum + parkedStreams, 0);
    if (parked > 0) {
      terminal.out(`${renderText(locale, "cli.kpis_parked", { streams: formatNumber(locale, parked) })}\n`);
    }
    return EXIT.ok;
  },
};

function cells(locale: Locale, figures: KpisView): string[] {
  const duration = (ms: number | null): string => (ms === null ? "–" : formatDuration(locale, ms));
  return [
    formatNumber(locale, figures.incidents),
    formatNumber(locale, figures.autoFixes),
    duration(figures.downtimeMs),
    duration(figures.mttdMs),
    duration(figures.mttaMs),
    duration(figures.mttrMs),
  ];
}
