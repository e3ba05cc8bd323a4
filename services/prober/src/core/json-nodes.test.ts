import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { JSONPathEnvironment } from "json-p3";
import { jsonValues, NotJson } from "./json-nodes.ts";
import { createWork, TooCostly } from "./work.ts";

const shop = JSON.stringify({
  store: {
    book: [
      { title: "A", price: 8.95, tags: ["x", "y"] },
      { title: "B", price: 12.99, isbn: "0-1" },
      { title: "C", price: 22.99, isbn: "0-2" },
    ],
    open: true,
    note: null,
  },
});
const at = (path: string, document = shop) => jsonValues(document, path, createWork());

describe("a JSONPath", () => {
  test.each<readonly [string, readonly string[] | undefined]>([
    ["$.store.open", ["true"]],
    ["$.store.note", ["null"]],
    ["$.store.nothing", undefined],
    ["$.store.book[*].title", ["A", "B", "C"]],
    ["$.store.book[-1].title", ["C"]],
    ["$.store.book[::-1].title", ["C", "B", "A"]],
    ["$.store.book[-9:2].title", ["A", "B"]],
    ["$.store.book[0:9:0].title", undefined],
    ["$..isbn", ["0-1", "0-2"]],
    ["$.store.book[?@.price < 10].title", ["A"]],
    ["$.store.book[?@.isbn].title", ["B", "C"]],
    ["$.store.book[?!@.isbn].title", ["A"]],
    ["$.store.book[?@.price > $.store.book[1].price].title", ["C"]],
    ["$.store.book[?count(@.tags[*]) == 2].title", ["A"]],
    ["$.store.book[?length(@.tags) >= 2 || @.title == 'B'].title", ["A", "B"]],
    ["$.store.book[?match(@.isbn, '0-[12]')].title", ["B", "C"]],
    ["$.store.book[?search(@.isbn, '2')].title", ["C"]],
    ["$.store.book[?match(@.isbn, '(')].title", undefined],
    ["$.store.book[?value(@..title) == 'A'].price", ["8.95"]],
    ["$.store.book[?@.tags == ['x']]", undefined],
    ["$.store.book[0].tags", ['["x","y"]']],
  ])("%s selects %j", (path, values) => {
    expect(at(path)).toEqual(values);
  });

  test("an empty object equals no empty array", () => {
    expect(at("$[?@.a == @.b]", '[{"a":{},"b":[]}]')).toBeUndefined();
    expect(at("$[?@.a == @.b]", '[{"a":{},"b":{}}]')).toHaveLength(1);
  });

  test("selects what the library it is read with selects, in any small document", () => {
    const environment = new JSONPathEnvironment();
    const paths = ["$..*", "$.a..b", "$[*][?@.a]", "$[?@.a == @.b]", "$[1:-1]", "$[::-2]", "$..[0,'a']", "$[?@ < 2]"];
    const document = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom(null, true, "", "a"),
        fc.array(tie("value"), { maxLength: 4 }),
        // An empty object is an empty array to the library, which it is not by the standard.
        fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value"), { minKeys: 1 }),
      ),
    })).value;
    fc.assert(
      fc.property(document, fc.constantFrom(...paths), (value, path) => {
        const text = JSON.stringify(value);
        const wanted = environment.query(path, JSON.parse(text)).values();
        const written = wanted.map((each) => (typeof each === "string" ? each : JSON.stringify(each)));
        expect(at(path, text) ?? []).toEqual(written);
      }),
    );
  });

  test("over what is not JSON says so", () => {
    for (const text of ["", "<html>", "{", "[1,]", "]]"]) expect(() => at("$.a", text)).toThrow(NotJson);
  });
});

describe("no query over any document runs past its bound", () => {
  const wide = JSON.stringify(Array.from({ length: 100_000 }, (_, index) => index % 10));
  const deep = `${"[".repeat(190)}1${"]".repeat(190)}`;
  const alike = JSON.stringify(Array(100).fill(Array(2000).fill(1)));

  test.each<readonly [string, string, string]>([
    ["selectors that multiply", `$${"[0,0,0,0]".repeat(90)}`, deep],
    ["nested descendants", `$${"..*".repeat(60)}`, deep],
    ["a filter that looks at everything for each", "$[?count($..*) > 1]", wide],
    ["filters in filters", "$..[?@..[?@..[?@..[?@..[?@ == 2]]]]]", deep],
    ["comparing large values", `$[?${Array(30).fill("@ == $[0]").join(" && ")}]`, alike],
    ["every ancestor written out", "$..*", deep.replaceAll("1", `"${"x".repeat(500_000)}"`)],
    ["a document too deep", "$.a", "[".repeat(500_000)],
    [
      "a pattern for each of many texts",
      "$[?search(@, '(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]$')]",
      JSON.stringify(Array(500).fill("a".repeat(2000))),
    ],
  ])("%s", (_what, path, document) => {
    expect(() => at(path, document)).toThrow(TooCostly);
  });

  test("brackets inside texts make no depth", () => {
    expect(at("$.a", JSON.stringify({ a: `\\"${"[".repeat(1000)}` }))).toHaveLength(1);
  });

  test("a large plain document is within it", () => {
    expect(at("$[99999]", wide)).toEqual(["9"]);
  });
});
