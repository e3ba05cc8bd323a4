import { renderText } from "@sentinel/contracts/text";
import { type Command, EXIT } from "../command.ts";
import { takeWords } from "../parse-options.ts";
import { buildDashboard } from "../up/web-build.ts";

/** `sentinel build-dashboard`: prerenders the dashboard, when its sources changed. */
export const buildDashboardCommand: Command = {
  name: "build-dashboard",
  options: { force: { type: "boolean" }, verbose: { type: "boolean" } },
  async run(parsed, { terminal, locale }) {
    takeWords("build-dashboard", parsed.words, []);
    const folder = await buildDashboard({
      force: parsed.flag("force"),
      verbose: parsed.flag("verbose"),
      onProgress: (seconds) => terminal.err(`${renderText(locale, "cli.building", { seconds: String(seconds) })}\n`),
    });
    terminal.out(`${renderText(locale, "cli.built", { folder })}\n`);
    return EXIT.ok;
  },
};
