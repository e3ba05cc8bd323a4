import { expect, test } from "@jest/globals";
import { objectAt, textAt } from "./json-at.ts";

test.each(["", "{", "[]", "1", "null", '"x"'])("%j holds no object", (text) => {
  expect(objectAt(text)).toBeUndefined();
});

test.each([
  ["a", "1"],
  ["b.c", "x"],
  ["b.d", "false"],
  ["b", undefined],
  ["b.e", undefined],
  ["a.b", undefined],
  ["", undefined],
  ["toString", undefined],
  ["b.constructor.name", undefined],
])("at %j there is %j", (path, found) => {
  expect(textAt(objectAt('{"a":1,"b":{"c":"x","d":false,"e":null}}'), path)).toBe(found);
});
