import { expect, test } from "@jest/globals";
import { healthRequest, readHealthResponse } from "./grpc-health.ts";

test("a request is one frame with the name of the service as field 1", () => {
  expect(healthRequest("").toString("hex")).toBe("0000000000");
  expect(healthRequest("a.B").toString("hex")).toBe("00000000050a03612e42");
  const long = healthRequest("x".repeat(300));
  expect(long.subarray(0, 8).toString("hex")).toBe("000000012f0aac02");
});

test.each([
  ["00000000020801", { ok: true, status: "SERVING" }],
  ["00000000020802", { ok: true, status: "NOT_SERVING" }],
  ["00000000020803", { ok: true, status: "SERVICE_UNKNOWN" }],
  ["0000000000", { ok: true, status: "UNKNOWN" }],
  ["00000000020809", { ok: true, status: "9" }],
  ["0000000006120278790801", { ok: true, status: "SERVING" }],
])("%s is read", (hex, answer) => {
  expect(readHealthResponse(Buffer.from(hex, "hex"))).toEqual(answer);
});

test.each([
  ["", "no message"],
  ["01000000020801", "a compressed message"],
  ["00000000030801", "a message of another length"],
  ["000000000108", "a message that is cut"],
  ["0000000002127f", "a message that is cut"],
  ["00000000020d01", "a message that is no HealthCheckResponse"],
  ["000000000608ffffffffff", "a message that is cut"],
])("%j is refused: %s", (hex, problem) => {
  expect(readHealthResponse(Buffer.from(hex, "hex"))).toEqual({ ok: false, problem });
});
