import { expect, test } from "@jest/globals";
import { lossReason, readPing } from "./ping-output.ts";

const summary = (line: string, rtt = "") => `--- 192.0.2.9 ping statistics ---\n${line}\n${rtt}\n`;
const ALL = summary(
  "3 packets transmitted, 3 received, 0% packet loss, time 402ms",
  "rtt min/avg/max/mdev = 0.260/0.404/0.549/0.144 ms",
);

test("loss and the mean time are read from the summary", () => {
  expect(readPing(ALL)).toMatchObject({ sent: 3, received: 3, lossPercent: 0, rttMs: 0.404 });
  const some = summary("3 packets transmitted, 2 received, 33.3333% packet loss, time 2ms", "rtt x = 1/2.5/4/1 ms");
  expect(readPing(some)).toMatchObject({ lossPercent: 33, rttMs: 2.5 });
  expect(readPing(summary("1 packets transmitted, 1 received, 0% packet loss, time 0ms"))?.rttMs).toBeUndefined();
});

test.each([
  ["Destination Host Unreachable", "ping_unreachable"],
  ["Destination Net Prohibited", "ping_unreachable"],
  ["Packet filtered", "ping_unreachable"],
  ["Time to live exceeded", "ping_ttl_exceeded"],
  ["Hop limit exceeded", "ping_ttl_exceeded"],
])("“%s” is %s, said by whom", (words, reason) => {
  const lines = summary("1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms");
  const output = readPing(`From 198.51.100.1 icmp_seq=1 ${words}\n\n${lines}`);
  if (output === undefined) throw new Error("not read");
  expect(output).toMatchObject({ lossPercent: 100, rttMs: undefined });
  expect(lossReason("shop.test", output)).toMatchObject({
    reason,
    params: { host: "shop.test", from: "198.51.100.1" },
  });
});

test("silence is told from a refusal, and what has no summary is not read", () => {
  const output = readPing(summary("2 packets transmitted, 0 received, 100% packet loss, time 1ms"));
  if (output === undefined) throw new Error("not read");
  expect(lossReason("shop.test", output)).toEqual({ reason: "timeout_no_answer", params: { host: "shop.test" } });
  expect(readPing("ping: socket: Operation not permitted\n")).toBeUndefined();
});
