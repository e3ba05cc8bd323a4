import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { readSimpleHead } from "./simple-head.ts";

test("a plain head is read, with names in lower case and values without the blanks around them", () => {
  expect(readSimpleHead("HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-A:  b c \t", "GET")).toEqual({
    status: 200,
    httpVersion: "1.1",
    headers: { "content-length": "12", "x-a": "b c" },
    bodyBytes: 12,
  });
});

test("without a length the body lasts until the end, and some answers have none", () => {
  expect(readSimpleHead("HTTP/1.0 200", "GET")?.bodyBytes).toBeUndefined();
  expect(readSimpleHead("HTTP/1.1 200 OK\r\ncontent-length: 5", "HEAD")?.bodyBytes).toBe(0);
  expect(readSimpleHead("HTTP/1.1 304 x\r\ncontent-length: 5", "GET")?.bodyBytes).toBe(0);
});

test.each([
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked",
  "HTTP/1.1 200 OK\r\ncontent-encoding: br",
  "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1",
  "HTTP/1.1 200 OK\r\ncontent-length: +1",
  "HTTP/1.1 101 x",
  "HTTP/1.1 200 OK\r\nx : 1",
  "HTTP/1.1 200 OK\r\n x: 1",
  "HTTP/1.1 200 OK\nx: 1",
  "http/1.1 200 OK",
  "",
])("%j is left to the whole parser", (head) => {
  expect(readSimpleHead(head, "GET")).toBeUndefined();
});

test("no head makes it throw or take long", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
      readSimpleHead(text, "GET");
      readSimpleHead(`HTTP/1.1 200 OK\r\n${text}`, "GET");
    }),
  );
  const blanks = `HTTP/1.1 200 OK\r\nx:${" ".repeat(8000)}y${"\t ".repeat(4000)}\u0001`;
  expect(readSimpleHead(blanks, "GET")).toBeUndefined();
});
