import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { parseBlackbox } from "./blackbox/parse-blackbox.ts";
import { parseConfig } from "./parse-config.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);

const PIECES = [
  "monitors:",
  "\n",
  "  ",
  "- ",
  "name: a",
  "endpoints:",
  "url: http://127.0.0.1/",
  "interval: 30s",
  "channels:",
  "type: webhook",
  "&a",
  "*a",
  "<<: *a",
  "!!binary x",
  "|",
  ">",
  "{",
  "}",
  "[",
  "]",
  ": ",
  "---\n",
  "...\n",
  "\t",
  "'",
  '"',
  "${X}",
  "#",
  "? ",
  "\u0000",
  "\ufeff",
  "~",
  "0x1",
  "1e999",
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 8 })), { maxLength: 40 })
  .map((parts) => parts.join(""));

test("a file of whatever is written is read, or refused with what is wrong and where", () => {
  fc.assert(
    fc.property(text, (written) => {
      const parsed = parseConfig(written, { file: "sentinel.yaml", env: {} });
      if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
      const modules = parseBlackbox(written);
      if (!modules.ok) expect(modules.problems.length).toBeGreaterThan(0);
    }),
    { numRuns },
  );
});

test("a file whose parts stand for each other over and over is refused at once, not unfolded", () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(", ")}]`,
  );
  const written = [`l0: &l0 [x]`, ...levels, "monitors: *l12", ""].join("\n");
  for (const parsed of [parseConfig(written, { file: "sentinel.yaml", env: {} }), parseBlackbox(written)]) {
    const codes = parsed.ok ? [] : parsed.problems.map(({ code }) => code);
    expect(codes).toContain("yaml_syntax");
  }
});
