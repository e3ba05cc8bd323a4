import { expect, test } from "@jest/globals";
import { renderFacts, renderTable } from "./table.ts";

test("columns stand under their heads, and no line ends in spaces", () => {
  expect(
    renderTable(
      ["NAME", "STATUS", "URL"],
      [
        ["shop", "down", "http://a/"],
        ["a longer name", "up", ""],
      ],
    ),
  ).toBe("NAME           STATUS  URL\nshop           down    http://a/\na longer name  up\n");
});

test("letters with marks take one cell and wide signs two", () => {
  const table = renderTable(
    ["A", "B"],
    [
      ["e\u0301te\u0301", "x"],
      ["日本", "y"],
      ["🚀", "z"],
    ],
  );
  expect(table.split("\n").map((line) => line.normalize("NFC"))).toEqual([
    "A     B",
    "\u00e9t\u00e9   x",
    "日本  y",
    "🚀    z",
    "",
  ]);
});

test("facts line up, and a second line of a value stays under the first", () => {
  expect(
    renderFacts([
      ["ID", "7"],
      ["TO DO", "- one\n- two"],
    ]),
  ).toBe("ID     7\nTO DO  - one\n       - two\n");
});
