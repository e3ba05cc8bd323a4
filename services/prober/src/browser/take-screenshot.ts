import type { Page } from "playwright-core";
import { shortly } from "./run-step.ts";

/** What goes into a result, and so into the log of events. */
const MAX_BYTES = 64_000;
const TAKING_MS = 4000;
const QUALITIES = [60, 30, 10];

/** What can be seen of the page, fields for passwords covered; nothing of a page that shows a secret or cannot be drawn. */
export async function takeScreenshot(page: Page, text: string, secrets: ReadonlySet<string>): Promise<Uint8Array> {
  if ([...secrets].some((secret) => text.includes(secret))) return new Uint8Array();
  const values = await shortly(page.evaluate<unknown>(VALUES), undefined);
  if (!Array.isArray(values)) return new Uint8Array();
  if (values.some((value) => typeof value === "string" && [...secrets].some((secret) => value.includes(secret)))) {
    return new Uint8Array();
  }
  for (const quality of QUALITIES) {
    const mask = [page.locator("input[type=password]")];
    const taking = page.screenshot({
      type: "jpeg",
      quality,
      scale: "css",
      mask,
      timeout: TAKING_MS,
      animations: "disabled",
    });
    const image = await shortly<Uint8Array>(taking, new Uint8Array(), TAKING_MS);
    if (image.length <= MAX_BYTES) return new Uint8Array(image);
  }
  return new Uint8Array();
}

/** What stands in fields that show what is typed. */
const VALUES = `[...document.querySelectorAll("input:not([type=password]), textarea")].slice(0, 500).map((each) => String(each.value).slice(0, 10000))`;
