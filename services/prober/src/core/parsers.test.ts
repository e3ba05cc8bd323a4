import { describe, expect, test } from "@jest/globals";
import { compileJsonPath, compilePattern } from "@sentinel/contracts/config";
import * as fc from "fast-check";
import { createCookieJar } from "./cookie-jar.ts";
import { nameServersIn, reverseName } from "./dns-name.ts";
import { readHealthResponse } from "./grpc-health.ts";
import { objectAt, textAt } from "./json-at.ts";
import { readPing } from "./ping-output.ts";
import { readRegistration, registeredName } from "./registration.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 500);

/** Text as others write it: pieces that mean something to the reader, among noise. */
const textOf = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 12 }), fc.nat().map(String)), {
      maxLength: 30,
    })
    .map((parts) => parts.join(""));

const RDAP = [
  '{"events":[',
  '{"eventAction":"expiration","eventDate":"',
  "2027-01-01T00:00:00Z",
  '"}',
  "]",
  '"status":["active"]',
  "}",
  "{",
  '"',
  ",",
];
const PING = [
  "5 packets transmitted, ",
  "3 received, ",
  "40% packet loss",
  "\n",
  "rtt min/avg/max/mdev = ",
  "0.1/0.2/0.3/0.0 ms",
  "From 10.0.0.1 ",
  "Destination Host Unreachable",
  "Time to live exceeded",
];
const COOKIES = [
  "a=1",
  "; ",
  "Path=/",
  "Domain=shop.test",
  "Expires=Wed, 21 Oct 2099 07:28:00 GMT",
  "Max-Age=",
  "-1",
  "Secure",
  ",",
  "=",
];
const PATTERNS = [
  "(",
  ")",
  "[",
  "]",
  "a",
  ".*",
  "{900}",
  "{1,2}",
  "\\",
  "\\pL",
  "|",
  "?",
  "+",
  "^",
  "$",
  "(?i)",
  "(?<a>",
  "[[:alpha:]]",
];
const PATHS = [
  "$",
  ".",
  "..",
  "[",
  "]",
  "*",
  "'a'",
  "?",
  "@",
  "(",
  ")",
  "match(",
  "length(",
  "==",
  "&&",
  "1",
  ":",
  "-1",
  ",",
];

describe("whatever others write is read or refused, never thrown over", () => {
  test("an answer of a registry", () => {
    const json = fc.json();
    const run = (text: string): void => {
      const read = readRegistration(text);
      expect(read === undefined || read.status.every((each) => typeof each === "string")).toBe(true);
      const at = read?.expiresAtMs;
      expect(at === undefined || Number.isFinite(at)).toBe(true);
    };
    fc.assert(fc.property(fc.oneof(json, textOf(...RDAP)), run), { numRuns });
  });

  test("what `ping` prints", () => {
    const run = (text: string): void => {
      const read = readPing(text);
      expect(read === undefined || (read.received >= 0 && read.lossPercent >= 0)).toBe(true);
    };
    fc.assert(fc.property(textOf(...PING), run), { numRuns });
  });

  test("an answer of the health service", () => {
    const run = (bytes: Uint8Array): void => expect(typeof readHealthResponse(bytes).ok).toBe("boolean");
    const framed = fc.uint8Array({ maxLength: 40 }).map((body) => Uint8Array.from([0, 0, 0, 0, body.length, ...body]));
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), framed), run), { numRuns });
  });

  test("JSON and the fields in it", () => {
    const run = (text: string, path: string): void => {
      const found = textAt(objectAt(text), path);
      expect(found === undefined || typeof found === "string").toBe(true);
    };
    const path = fc
      .array(fc.constantFrom("a", "__proto__", "constructor", "0", "", "toString"))
      .map((each) => each.join("."));
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), path, run), { numRuns });
  });

  test("cookies", () => {
    const url = new URL("https://www.shop.test/a/b");
    const run = (headers: readonly string[]): void => {
      const jar = createCookieJar();
      // HTTP itself lets no control character into a header.
      for (const header of headers) jar.take(url, header.replace(/\p{Cc}/gu, ""), 0);
      expect(jar.values().length).toBeLessThanOrEqual(100);
      expect(jar.header(url)).not.toMatch(/[\r\n]/);
    };
    fc.assert(fc.property(fc.array(textOf(...COOKIES), { maxLength: 5 }), run), { numRuns });
  });

  test("names and name servers", () => {
    const run = (text: string): void => {
      expect(Array.isArray(nameServersIn(text))).toBe(true);
      expect(typeof registeredName(text)).toBe("string");
      const reversed = reverseName(text);
      expect(reversed === undefined || reversed.endsWith(".arpa")).toBe(true);
    };
    fc.assert(fc.property(textOf("nameserver ", "\n", "10.0.0.1", "::1", "%eth0", "#", "options "), run), { numRuns });
  });

  test("regular expressions and JSONPath", () => {
    const run = (pattern: string, path: string): void => {
      expect(typeof compilePattern(pattern).ok).toBe("boolean");
      expect(typeof compileJsonPath(path).ok).toBe("boolean");
    };
    fc.assert(fc.property(textOf(...PATTERNS), textOf(...PATHS), run), { numRuns });
  });
});
