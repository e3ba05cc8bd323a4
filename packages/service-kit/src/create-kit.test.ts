import { expect, test } from "@jest/globals";
import { createServiceKit } from "./create-kit.ts";

test("without settings: info level, tracing off, a trace of the caller handed on", () => {
  const lines: string[] = [];
  const kit = createServiceKit({ service: "prober", env: {}, logStream: { write: (line) => void lines.push(line) } });
  kit.log.debug("quiet");
  kit.log.info("loud");
  expect(lines).toHaveLength(1);
  expect(kit.tracing.start("probe", {}).traceparent).toBe("");
  expect(kit.tracing.start("probe", { parent: "00-a-b-01" }).traceparent).toBe("00-a-b-01");
});

test.each([
  ["SENTINEL_LOG_LEVEL", "loud"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
  ["SENTINEL_FAILPOINT", "somewhere"],
])("%s=%s is refused by name, with what was expected", (name, value) => {
  expect(() => createServiceKit({ service: "prober", env: { [name]: value } })).toThrow(
    expect.objectContaining({ code: "environment_invalid", params: expect.objectContaining({ name, value }) }),
  );
});

test("random numbers lie in [0, 1) and bytes come in the number asked for", () => {
  const { random } = createServiceKit({ service: "prober", env: {} });
  const numbers = Array.from({ length: 1000 }, () => random.next());
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(new Set(numbers).size).toBeGreaterThan(990);
  expect(random.bytes(10)).toHaveLength(10);
});
