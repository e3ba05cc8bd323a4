import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

interface Scope {
  /** Only what colours change; the rest was looked at in the other scheme. */
  readonly coloursOnly?: boolean;
}

/** What axe finds wrong on this page, one line a finding; also sideways scroll, which no reader can live with. */
export async function faultsOf(page: Page, { coloursOnly = false }: Scope = {}): Promise<readonly string[]> {
  // The pages have no frames, which is all that the longer way is for.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (coloursOnly ? axe.withRules(["color-contrast", "link-in-text-block"]) : axe).analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(" ")}\n${failureSummary ?? ""}`),
  );
  const tooWide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
  return tooWide === true ? [...found, "the page is wider than its window"] : found;
}
