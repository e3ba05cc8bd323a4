import { expect, test } from "@jest/globals";
import { createCookieJar } from "./cookie-jar.ts";

const at = (text: string) => new URL(text);

test.each<readonly [string, string, string, string]>([
  [
    "several in one header, dates and all",
    "a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT, b=2; Path=/",
    "/x/y",
    "a=1; b=2",
  ],
  ["only below its path", "a=1; Path=/account", "/accounts", ""],
  ["the path of the page that set it", "a=1", "/x", "a=1"],
  ["none that has ended", "a=1; Max-Age=0", "/x/y", ""],
  ["none of another host", "a=1; Domain=other.test", "/x/y", ""],
  ["none of a whole top-level domain", "a=1; Domain=test", "/x/y", ""],
  ["none that needs a secure connection", "a=1; Secure", "/x/y", ""],
  ["nothing that is no cookie", "; =x, nonsense", "/x/y", ""],
])("gives back %s", (_what, header, path, given) => {
  const jar = createCookieJar();
  jar.take(at("http://shop.test/x/login"), header, 0);
  expect(jar.header(at(`http://shop.test${path}`))).toBe(given);
});

test("goes to hosts below a domain, replaces and deletes by name", () => {
  const jar = createCookieJar();
  jar.take(at("http://shop.test/"), "a=1; Domain=.shop.test", 0);
  expect(jar.header(at("http://www.shop.test/"))).toBe("a=1");
  expect(jar.header(at("http://evilshop.test/"))).toBe("");
  jar.take(at("http://shop.test/"), "a=2; Domain=shop.test", 0);
  expect(jar.value("a")).toBe("2");
  jar.take(at("http://shop.test/"), "a=; Domain=shop.test; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 1);
  expect(jar.header(at("http://shop.test/"))).toBe("");
});
