import { expect, test } from "@jest/globals";
import { SentinelError } from "@sentinel/contracts";
import { Secret } from "@sentinel/contracts/config";
import { createLog, type LogLevel } from "./pino-log.ts";

function capture(level: LogLevel = "info") {
  const lines: string[] = [];
  const log = createLog({ level, service: "prober", stream: { write: (line) => void lines.push(line) } });
  return { log, lines, read: (): unknown[] => lines.map((line): unknown => JSON.parse(line)) };
}

test("a line is JSON with level, time, service, message and fields", () => {
  const { log, read } = capture();
  log.child({ monitor: "shop" }).info("incident.opened", { rounds: 2 });
  expect(read()).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      service: "prober",
      monitor: "shop",
      rounds: 2,
      message: "incident.opened",
    },
  ]);
});

test("a traceparent becomes trace and span id; a broken one is left out", () => {
  const { log, read } = capture();
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  log.info("check.done", { traceparent });
  log.info("check.done", { traceparent: "garbage" });
  const [good, bad] = read();
  expect(good).toMatchObject({ trace_id: "0af7651916cd43dd8448eb211c80319c", span_id: "b7ad6b7169203331" });
  expect(bad).not.toHaveProperty("trace_id");
  expect(bad).not.toHaveProperty("traceparent");
});

test("an error shows code, parameters and the chain of causes", () => {
  const { log, read } = capture();
  const cause = Object.assign(new Error("connect refused"), { code: "ECONNREFUSED" });
  log.error("fold.failed", { error: new SentinelError("bus_unavailable", { servers: "nats://x" }, { cause }) });
  expect(read()[0]).toMatchObject({
    error: {
      code: "bus_unavailable",
      params: { servers: "nats://x" },
      cause: { type: "Error", message: "connect refused", code: "ECONNREFUSED" },
    },
  });
});

test("a secret shows its name and never its value, at any depth", () => {
  const { log, lines } = capture();
  const secret = new Secret("WEBHOOK_SECRET", "s3cr3t-value");
  log.child({ given: secret }).info("channel.ready", { secret, channels: [{ deep: { secret } }] });
  expect(lines.join()).not.toContain("s3cr3t-value");
  expect(lines.join()).toContain("[secret WEBHOOK_SECRET]");
});

test("lines below the level are not written", () => {
  const { log, lines } = capture("warn");
  log.debug("a");
  log.info("b");
  log.warn("c");
  expect(lines).toHaveLength(1);
});
