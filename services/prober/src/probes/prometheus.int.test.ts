import { createServer, type IncomingMessage } from "node:http";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { findProgram, freePort, type Program, startProgram } from "@sentinel/testkit";
import { createChecks, describeAgainst } from "./test-checks.ts";

const { check, close } = createChecks({ SENTINEL_SECRET_P: "abc" });
afterAll(close);

const asked: IncomingMessage[] = [];
let answer = { status: 200, body: "" };
const server = createServer((request, response) => {
  asked.push(request);
  response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address !== null && typeof address !== "string") ({ port } = address);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const prometheus = (at: number, query: string, options: object = {}) => ({
  url: `prometheus+http://127.0.0.1:${at}`,
  prometheus: { query },
  ...options,
});
const success = (resultType: string, result: unknown) => ({
  status: 200,
  body: JSON.stringify({ status: "success", data: { resultType, result } }),
});
const series = (...values: readonly string[]) =>
  success(
    "vector",
    values.map((value, index) => ({ metric: { n: String(index) }, value: [1, value] })),
  );

describe("a Prometheus check", () => {
  test("asks under the path of the address, with the endpoint's headers", async () => {
    answer = series("1");
    asked.length = 0;
    const headers = { authorization: "Bearer ${SENTINEL_SECRET_P}" };
    const url = `prometheus+http://127.0.0.1:${port}/prom/`;
    const result = await check({ url, prometheus: { query: 'up{job="a b"}' }, headers });
    expect(result).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
    expect(asked[0]?.headers.authorization).toBe("Bearer abc");
    expect(URL.parse(asked[0]?.url ?? "", "http://x")?.pathname).toBe("/prom/api/v1/query");
    expect(URL.parse(asked[0]?.url ?? "", "http://x")?.searchParams.get("query")).toBe('up{job="a b"}');
  });

  test.each([
    ["every series fits", series("3", "4"), { subject: "value", below: 5 }, ""],
    ["one series does not", series("3", "7"), { subject: "value", below: 5 }, "assertion"],
    ["a scalar fits", success("scalar", [1, "5"]), { subject: "value", is: 5 }, ""],
    [
      "the newest point of a range counts",
      success("matrix", [
        {
          values: [
            [1, "1"],
            [2, "9"],
          ],
        },
      ]),
      { subject: "value", is: 9 },
      "",
    ],
    ["the number of series fits", series("3", "4"), { subject: "rows", is: 2 }, ""],
    ["no series, and none is expected", series(), { subject: "rows", is: 0 }, ""],
    ["no series, and no value is expected", series(), { subject: "value", exists: false }, ""],
    ["no series", series(), { subject: "value", below: 5 }, "no_data"],
    ["not a number", series("NaN"), { subject: "value", below: 5 }, "assertion"],
  ])("%s", async (_what, given, assertion, reason) => {
    answer = given;
    const result = await check(prometheus(port, "up", { assert: [assertion] }));
    expect(result).toMatchObject({ verdict: reason === "" ? Verdict.HEALTHY : Verdict.DOWN, reason });
  });

  test.each([
    ["a page", { status: 200, body: "<html>" }, "wrong_protocol"],
    [
      "data of another shape",
      { status: 200, body: '{"status":"success","data":{"resultType":"vector"}}' },
      "wrong_protocol",
    ],
    ["no access", { status: 401, body: "who?" }, "status"],
    [
      "its own deadline",
      { status: 503, body: '{"status":"error","errorType":"timeout","error":"query timed out"}' },
      "query_timeout",
    ],
    [
      "its own error",
      { status: 422, body: '{"status":"error","errorType":"execution","error":"many-to-many"}' },
      "query_failed",
    ],
  ])("is down when it gets %s", async (_what, given, reason) => {
    answer = given;
    const result = await check(prometheus(port, "up"));
    expect(result).toMatchObject({ verdict: Verdict.DOWN, reason });
    if (reason === "query_failed") {
      expect(result.evidence?.params).toEqual({ code: "execution", actual: "many-to-many" });
    }
  });
});

test("signs in as the endpoint says, and names a refusal", async () => {
  const http = { auth: { basic: { user: "anna", password: "${SENTINEL_SECRET_P}" } } };
  answer = series("1");
  expect(await check(prometheus(port, "up", { http }))).toMatchObject({ verdict: Verdict.HEALTHY, reason: "" });
  expect(asked.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from("anna:abc").toString("base64")}`);
  answer = { status: 401, body: "no" };
  const result = await check(prometheus(port, "up", { http }));
  expect(result).toMatchObject({ verdict: Verdict.DOWN, reason: "auth_refused" });
});

const binary = findProgram("prometheus");
describeAgainst(
  "prometheus",
  binary,
  "a script stands for it",
)("against prometheus", () => {
  let program: Program | undefined;
  let at = 0;
  beforeAll(async () => {
    at = await freePort();
    const config = join(tmpdir(), `sentinel-prometheus-${at}.yml`);
    await writeFile(config, "global: {}\n");
    const args = (folder: string) => [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}`,
      `--web.listen-address=127.0.0.1:${at}`,
    ];
    program = await startProgram(binary ?? "", args, /ready to receive web requests/);
  });
  afterAll(() => program?.stop());

  test.each([
    [
      "a vector",
      "vector(42)",
      [
        { subject: "value", is: 42 },
        { subject: "rows", is: 1 },
      ],
      "",
    ],
    ["a scalar", "1 + 1", [{ subject: "value", is: 2 }], ""],
    ["series that are not there", "never_heard_of", [], "no_data"],
    ["a query that cannot be read", "up{", [], "query_failed"],
  ])("%s", async (_what, query, assert, reason) => {
    const result = await check(prometheus(at, query, { assert }));
    expect(result).toMatchObject({ verdict: reason === "" ? Verdict.HEALTHY : Verdict.DOWN, reason });
    if (reason === "query_failed") {
      expect(result.evidence?.params["code"]).toBe("bad_data");
      expect(result.evidence?.params["actual"]).toContain("parse error");
    }
  });
});
