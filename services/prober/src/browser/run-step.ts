import { stripVTControlCharacters } from "node:util";
import type { BrowserStep } from "@sentinel/contracts";
import type { Locator, Page } from "playwright-core";

/** Why a step failed: a code of the reason table and the facts of its sentence. */
export class StepFailed extends Error {
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;

  constructor(reason: string, params: Readonly<Record<string, string>> = {}) {
    super(reason);
    this.name = "StepFailed";
    this.reason = reason;
    this.params = params;
  }
}

interface StepWay {
  readonly page: Page;
  /** Milliseconds left for the whole journey. */
  readonly leftMs: () => number;
  readonly reveal: (text: string) => string;
  /** Loads an address. @throws StepFailed */
  readonly open: (url: string) => Promise<void>;
}

/** Does what the step says and waits until it is so. @throws StepFailed */
export async function runStep(step: BrowserStep, way: StepWay): Promise<void> {
  const { page } = way;
  const { target, value } = step;
  const options = (): { readonly timeout: number } => ({ timeout: Math.max(1, way.leftMs()) });
  switch (step.act) {
    case "goto":
      return way.open(new URL(target, page.url()).href);
    case "click":
      return use(page, target, (found) => found.click(options()));
    case "fill":
      return type(step, way.reveal(value), page, options());
    case "press":
      if (target === "") return page.keyboard.press(value);
      return use(page, target, (found) => found.press(value, options()));
    case "expect_text":
      return expectText(page, step, options());
    case "expect_visible":
      return use(page, target, (found) => found.waitFor({ state: "visible", ...options() }));
    case "wait_for":
      return use(page, target, (found) => found.waitFor({ state: "attached", ...options() }));
    case "expect_hidden":
      return expectHidden(page, target, options());
    case "expect_url":
      return expectUrl(page, value, options());
    default:
      return runScript(page, value, options());
  }
}

const type = (
  { target }: BrowserStep,
  text: string,
  page: Page,
  options: { readonly timeout: number },
): Promise<void> => use(page, target, (found) => found.fill(text, options));

/** What fails for want of the element, or because it cannot be used, is told apart. */
async function use(page: Page, selector: string, act: (found: Locator) => Promise<void>): Promise<void> {
  const found = page.locator(selector).first();
  try {
    await act(found);
  } catch (thrown) {
    const message = messageOf(thrown);
    if (isBadSelector(message)) throw new StepFailed("page_selector", { selector, detail: firstLine(message) });
    if (!isTimeout(thrown)) throw new StepFailed("page_element_unusable", { selector, detail: firstLine(message) });
    const there = await count(page, selector);
    if (there === 0) throw new StepFailed("page_element_missing", { selector });
    throw new StepFailed("page_element_unusable", { selector, detail: hindrance(message) });
  }
}

async function expectText(page: Page, { target, value }: BrowserStep, options: { timeout: number }): Promise<void> {
  const place = target === "" ? "body" : target;
  try {
    await page
      .locator(place)
      .filter({ hasText: value })
      .first()
      .waitFor({ state: "attached", ...options });
  } catch (thrown) {
    if (!isTimeout(thrown))
      throw new StepFailed("page_selector", { selector: place, detail: firstLine(messageOf(thrown)) });
    if ((await count(page, place)) === 0) throw new StepFailed("page_element_missing", { selector: place });
    const actual = await shortly(page.locator(place).first().innerText({ timeout: LOOK_MS }), "");
    throw new StepFailed("page_text_missing", { expected: value, actual: oneLine(actual) });
  }
}

async function expectHidden(page: Page, selector: string, options: { timeout: number }): Promise<void> {
  try {
    await page
      .locator(selector)
      .first()
      .waitFor({ state: "hidden", ...options });
  } catch (thrown) {
    if (isTimeout(thrown)) throw new StepFailed("page_element_visible", { selector });
    throw new StepFailed("page_selector", { selector, detail: firstLine(messageOf(thrown)) });
  }
}

async function expectUrl(page: Page, expected: string, options: { timeout: number }): Promise<void> {
  try {
    await page.waitForURL((url) => url.href.includes(expected), { waitUntil: "commit", ...options });
  } catch (thrown) {
    if (!isTimeout(thrown)) throw thrown;
    throw new StepFailed("page_url", { expected, actual: page.url() });
  }
}

/** Runs in the page, which holds it in; what throws or gives false has failed. */
async function runScript(page: Page, script: string, { timeout }: { readonly timeout: number }): Promise<void> {
  const source = `(async () => {\n${script}\n})()`;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new StepFailed("page_script_late")), timeout);
  try {
    const result: unknown = await Promise.race([page.evaluate(source), late.promise]);
    if (result === false) throw new StepFailed("page_script", { detail: "false" });
  } catch (thrown) {
    if (thrown instanceof StepFailed) throw thrown;
    const detail = firstLine(messageOf(thrown).replace(/^page\.evaluate: /, ""));
    throw new StepFailed("page_script", { detail });
  } finally {
    clearTimeout(timer);
  }
}

const LOOK_MS = 500;

const count = (page: Page, selector: string): Promise<number> => shortly(page.locator(selector).count(), 0);

/** What a page that may hang still says in a moment. */
export async function shortly<T>(work: Promise<T>, otherwise: T, ms = LOOK_MS): Promise<T> {
  const late = Promise.withResolvers<T>();
  const timer = setTimeout(() => late.resolve(otherwise), ms);
  try {
    return await Promise.race([work.catch(() => otherwise), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export const isTimeout = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === "TimeoutError";
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
const isBadSelector = (message: string): boolean =>
  /is not a valid selector|Unexpected token|Unknown engine/.test(message);

const SHOWN_CHARACTERS = 200;
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim().slice(0, SHOWN_CHARACTERS);
const firstLine = (message: string): string => oneLine(stripVTControlCharacters(message.split("\n")[0] ?? ""));

/** The last thing in the way of a click that its log tells, such as another element on top. */
function hindrance(message: string): string {
  const told = message
    .split("\n")
    .map((line) => stripVTControlCharacters(line).replace(/^\s*-?\s*/, ""))
    .findLast((line) =>
      /intercepts pointer events|is not (visible|enabled|stable|editable)|outside of the viewport/.test(line),
    );
  return oneLine(told ?? "hidden");
}
