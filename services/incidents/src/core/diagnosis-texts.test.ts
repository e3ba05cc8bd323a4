import { describe, expect, test } from "@jest/globals";
import { hasText, LOCALES, renderText } from "@sentinel/contracts/text";
import { RULES } from "./diagnosis.ts";

const KEYS = [
  ...new Set(
    RULES.flatMap((row) => [
      `issue.${row.issue}`,
      `cause.${row.cause}`,
      ...row.recommendations.map((code) => `recommendation.${code}`),
    ]),
  ),
];

/** What `diagnose` gives with every rule; facts of one reason only may be missing. */
const ALWAYS = {
  monitor: "Shop",
  url: "https://shop.example/health",
  host: "shop.example",
  port: "443",
  reason: "connect_refused",
  failing: "1",
  total: "1",
  latencyMs: "1200",
  limitMs: "1000",
};

describe.each(LOCALES)("every diagnosis can be said in %s", (locale) => {
  test.each(KEYS)("%s", (key) => {
    expect(hasText(locale, key)).toBe(true);
    expect(renderText(locale, key, ALWAYS)).not.toMatch(/[{}]/);
    expect(renderText(locale, key)).not.toMatch(/[{}]/);
  });

  test.each(KEYS.filter((key) => !key.startsWith("issue.")))("%s is a whole sentence", (key) => {
    expect(renderText(locale, key, ALWAYS)).toMatch(/\.$/);
  });
});
