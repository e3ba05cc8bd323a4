import { expect, test } from "@jest/globals";
import { filtersOverlap, isPublishable, subjectFilter } from "./subject-filter.ts";

test.each([
  ["chk.v1.7.shop", "chk.v1.7.shop", true],
  ["chk.v1.7.shop", "chk.v1.7.cart", false],
  ["chk.v1.*.shop", "chk.v1.7.shop", true],
  ["chk.v1.*", "chk.v1.7.shop", false],
  ["chk.v1.>", "chk.v1.7.shop", true],
  ["chk.v1.>", "chk.v1", false],
  ["chk.*.7.>", "chk.v1.7.shop.eu", true],
  ["chk.*.7.>", "chk.v1.8.shop.eu", false],
  [">", "anything.at.all", true],
  ["chk", "chkx", false],
])("filter %s on subject %s: %s", (filter, subject, passes) => {
  expect(subjectFilter(filter)(subject)).toBe(passes);
});

test.each([
  ["cmd.>", "cmd.repair.v1", true],
  ["cmd.*.v1", "cmd.repair.*", true],
  ["cmd.repair.>", "cmd.check.>", false],
  ["cmd.*", "cmd.a.b", false],
  ["a.b", "a.b", true],
  ["a.>", "a", false],
])("filters %s and %s overlap: %s", (one, other, overlap) => {
  expect([filtersOverlap(one, other), filtersOverlap(other, one)]).toEqual([overlap, overlap]);
});

test.each(["", ".", "a..b", "a.*", "a.>", "a b", "a.", ".a", "a\n"])("%j is no subject to publish on", (subject) => {
  expect(isPublishable(subject)).toBe(false);
});

test("names with dashes, digits and underscores are", () => {
  expect(isPublishable("chk.v1.63.mon_01jd-x.eu-west-1")).toBe(true);
});
