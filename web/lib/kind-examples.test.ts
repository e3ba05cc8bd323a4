import { describe, expect, test } from "@jest/globals";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { exampleFor } from "./kind-examples.ts";
import { readOptions } from "./read-options.ts";

describe("the example beside an address is one that the gateway takes", () => {
  test.each([
    "https://shop.example/",
    "tcp://mail.example:25",
    "udp://game.example:27015",
    "dns://1.1.1.1/shop.example",
    "icmp://router.example",
    "ping://router.example",
    "tls://shop.example:443",
    "domain://shop.example",
    "grpc://api.example:50051",
    "grpcs://api.example:50051",
    "ws://chat.example/socket",
    "wss://chat.example/socket",
    "postgres://db.example:5432/shop",
    "mysql://db.example:3306/shop",
    "redis://cache.example:6379",
    "nats://queue.example:4222",
    "prometheus+http://metrics.example:9090",
    "scenario://login",
    "browser+https://shop.example/",
  ])("%s", async (url) => {
    const read = await readOptions(exampleFor(url) ?? "");
    if (!read.ok) throw new Error(`line ${read.line}`);
    const parsed = parseMonitorInput({ name: "x", endpoints: [{ url, ...read.options }] });
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
    expect(Object.keys(read.options).length).toBeGreaterThan(0);
  });

  test("a job that calls has fields of its own", () => {
    expect(exampleFor("heartbeat://backup")).toBeUndefined();
  });
});
