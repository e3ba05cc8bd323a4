import { expect, test } from "@jest/globals";
import { codesOf } from "@sentinel/contracts/text";
import { isNetworkLike, isRetried } from "./network-like.ts";

test("only what the way to the target may be to blame for is network-like", () => {
  const found = codesOf("reason.").filter(isNetworkLike);
  expect(found).toHaveLength(18);
  for (const reason of ["status", "assertion", "tls_expired", "auth_refused", "heartbeat_missed", "prober_ports"])
    expect(isNetworkLike(reason)).toBe(false);
});

test("silence, steps and what was answered are not asked again within a round", () => {
  expect(isRetried("http", "GET", "connect_refused")).toBe(true);
  expect(isRetried("http", "GET", "timeout_in_connect")).toBe(false);
  expect(isRetried("http", "GET", "status")).toBe(false);
  expect(isRetried("scenario", "", "connect_refused")).toBe(false);
  expect(isRetried("tcp", "", "reset")).toBe(true);
});

test("a request that may have been carried out is not sent twice", () => {
  expect(isRetried("http", "POST", "connect_refused")).toBe(true);
  expect(isRetried("http", "POST", "reset")).toBe(false);
  expect(isRetried("http", "DELETE", "empty_reply")).toBe(false);
});
