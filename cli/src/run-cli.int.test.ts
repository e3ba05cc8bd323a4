import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { overview, type Overview } from "@sentinel/contracts/api";
import { parseMonitorInput, specView } from "@sentinel/contracts/config";
import { LOCALES, renderText } from "@sentinel/contracts/text";
import { COMMANDS } from "./commands/index.ts";
import { close, listen } from "./demo/listen.ts";
import { COMMON_OPTIONS } from "./parse-options.ts";
import { REST_OPTIONS } from "./rest/rest-options.ts";
import { runCli } from "./run-cli.ts";

interface Asked {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A gateway that gives the answers it is told, and remembers what it was asked. */
const answers = new Map<string, { readonly status: number; readonly body: unknown }>();
let asked: Asked[] = [];
let server: Server;
let url: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sentinel-cli-"));
  server = createServer((request, response) => void answerAsTold(request, response));
  url = `http://127.0.0.1:${await listen(server, 0)}`;
});
afterAll(async () => {
  await close(server);
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  answers.clear();
  asked = [];
});

async function answerAsTold(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const path = (request.url ?? "").replace(/[?&]lang=\w+/, "");
  const line = `${request.method ?? ""} ${path}`;
  asked.push({ line, headers: request.headers, body });
  const answer = answers.get(line) ?? { status: 404, body: problem(404, "route_not_found") };
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.status === 204 ? "" : text);
}

async function sentinel(args: readonly string[], env: Record<string, string> = {}) {
  let [out, err] = ["", ""];
  const code = await runCli(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    drained: () => Promise.resolve(),
    env: { SENTINEL_URL: url, LANG: "en_GB.UTF-8", ...env },
    cwd: folder,
    now: () => Date.UTC(2026, 0, 1),
  });
  return { code, out, err };
}

const problem = (status: number, code: string) => ({
  type: "about:blank",
  title: "There is no such thing",
  status,
  detail: "Nothing is at this address.",
  code,
  fix: "Look at the list.",
  traceId: null,
  problems: [{ path: "endpoints.0", code: "bad_url", message: "This is no address.", line: null, column: null }],
});

const statusOf = (state: Overview["state"]): Overview =>
  overview.parse({
    state,
    headline: "Production is down. shop: unreachable. Since 14:02:48, for 3 min. The problem is technical.",
    since: null,
    nature: null,
    acting: null,
    answers: { up: "0 of 1 service", why: "shop: unreachable", since: "3 min", nature: "Technical", who: "Nobody yet" },
    monitors: { total: 1, healthy: 0, degraded: 0, down: 1, unknown: 0, paused: 0 },
    openIncidents: 1,
    checkedAt: null,
    foldedAt: null,
    notFoldedSince: null,
  });

describe("sentinel status", () => {
  test.each([
    ["up", 0],
    ["degraded", 3],
    ["down", 3],
    ["unknown", 4],
    ["empty", 4],
  ] as const)("of a production that is %s exits with %i", async (state, code) => {
    answers.set("GET /api/v1/status", { status: 200, body: statusOf(state) });
    expect((await sentinel(["status"])).code).toBe(code);
  });

  test("says the five answers in one line", async () => {
    answers.set("GET /api/v1/status", { status: 200, body: statusOf("down") });
    const { out, err } = await sentinel(["status"]);
    expect([out, err]).toEqual([
      `${statusOf("down").headline}
`,
      "",
    ]);
  });

  test("gives a script exactly what the gateway said", async () => {
    const body = { ...statusOf("down"), ofANewerVersion: 1 };
    answers.set("GET /api/v1/status", { status: 200, body });
    expect(JSON.parse((await sentinel(["status", "-o", "json"])).out)).toEqual(body);
  });

  test("does not take silence, another program or a refusal for an outage", async () => {
    const gone = createServer();
    const silentUrl = `http://127.0.0.1:${await listen(gone, 0)}`;
    await close(gone);
    const silent = await sentinel(["status", "--url", silentUrl]);
    expect([silent.code, silent.out]).toEqual([4, ""]);
    expect(silent.err).toContain(`Nothing answered at ${silentUrl} (ECONNREFUSED).`);
    for (const answer of [
      { status: 200, body: "<html>" },
      { status: 200, body: {} },
      { status: 500, body: "oops" },
      { status: 401, body: problem(401, "token_required") },
    ]) {
      answers.set("GET /api/v1/status", answer);
      expect(await sentinel(["status"])).toMatchObject({ code: 4, out: "" });
    }
  });

  test("shows its token to the gateway only, and asks in the reader's language", async () => {
    answers.set("GET /api/v1/status", { status: 200, body: statusOf("up") });
    await sentinel(["status", "--lang", "fr"], { SENTINEL_TOKEN: "t0ken" });
    expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer t0ken", "accept-language": "fr" });
  });
});

describe("sentinel check", () => {
  const file = (): string => join(folder, "sentinel.yaml");

  test("names each mistake with its place, and exits with 1", async () => {
    await writeFile(
      file(),
      "monitors:\n  shop:\n    endpoints: [http://127.0.0.1/]\n    evry: 10s\n    timeout: soon\n",
    );
    const { code, out } = await sentinel(["check", file()]);
    const places = out.split("\n").map((line) => /:(\d+:\d+): ([\w.]+)/.exec(line)?.slice(1, 3));
    expect(code).toBe(1);
    expect(places).toEqual(
      expect.arrayContaining([
        ["4:5", "monitors.shop.evry"],
        ["5:5", "monitors.shop.timeout"],
      ]),
    );
    expect(out).toContain("Did you mean “every”?");
  });

  test("counts what a right file holds, and exits with 0", async () => {
    await writeFile(file(), "monitors:\n  shop: {endpoints: [http://127.0.0.1/]}\n");
    expect(await sentinel(["check", file()])).toEqual({
      code: 0,
      out: `${file()} is right: 1 monitor, 0 channels.\n`,
      err: "",
    });
  });

  test("says of a file that is not there what to do", async () => {
    const { code, err } = await sentinel(["check", join(folder, "none.yaml")]);
    expect([code, err.split("\n")[0]]).toEqual([1, "The file cannot be read"]);
  });
});

const monitor = (name: string) => {
  const parsed = parseMonitorInput({ name, endpoints: ["http://127.0.0.1:8081/"] });
  if (!parsed.ok) throw new Error("fixture");
  const at = "2026-01-01T00:00:00.000Z";
  return {
    id: `mon_${name}`,
    name,
    source: "api",
    version: 3,
    createdAt: at,
    changedAt: at,
    spec: specView(parsed.spec),
    status: "healthy",
    since: at,
    lastCheckedAt: at,
    nextDueAt: at,
    responseTimeMs: 12,
    uptime24h: 99.95,
    beats: [],
    openIncidentId: null,
    reason: null,
    failingRounds: 0,
    suppressedBy: null,
    maintenance: null,
    flapping: false,
    slo: null,
  };
};

describe("sentinel monitors", () => {
  test("lists them as a table", async () => {
    answers.set("GET /api/v1/monitors", { status: 200, body: { data: [monitor("shop"), monitor("a")] } });
    const lines = (await sentinel(["monitors"])).out.split("\n");
    expect(lines[0]).toMatch(/^NAME {2}STATUS {3}UPTIME 24H +RESPONSE +EVERY +ENDPOINT$/);
    expect(lines[1]).toMatch(/^shop {2}healthy +\d+\.\d %? *.*12 ms +30s +http:\/\/127\.0\.0\.1:8081\/$/);
  });

  test("lists those of a group and with a tag, and says when there are none", async () => {
    answers.set("GET /api/v1/monitors?group=Back+office&tag=team%3Adata", { status: 200, body: { data: [] } });
    const found = await sentinel(["monitors", "list", "--group", "Back office", "--tag", "team:data"]);
    expect(found).toMatchObject({ code: 0, out: expect.stringContaining("No monitor is in this group") });
    expect(await sentinel(["monitors", "show", "shop", "--tag", "web"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("--tag"),
    });
  });

  test("shows one with its uptime and response times, and leaves out what is not known", async () => {
    const times = { upMs: 1, downMs: 0, unknownMs: 0, missedMs: 0, answered: 9, p50Ms: 12, p95Ms: 40, p99Ms: 95 };
    const span = { from: "2026-01-01T00:00:00.000Z", to: "2026-01-31T00:00:00.000Z" };
    answers.set("GET /api/v1/monitors", { status: 200, body: { data: [monitor("shop")] } });
    answers.set("GET /api/v1/monitors/mon_shop/stats?window=30d", {
      status: 200,
      body: { ...span, ...times, uptime: 99.5 },
    });
    answers.set("GET /api/v1/monitors/mon_shop/stats?window=1y", {
      status: 200,
      body: { ...span, ...times, uptime: null },
    });
    const { out } = await sentinel(["monitors", "show", "shop"]);
    expect(out).toMatch(/UPTIME 30D +99\.5/);
    expect(out).toMatch(/P50 · P95 · P99 30D +12 ms · 40 ms · 95 ms/);
    expect(out).not.toContain("UPTIME 1Y");
  });

  test("adds an address under a name", async () => {
    answers.set("POST /api/v1/monitors", { status: 201, body: monitor("shop") });
    const { code } = await sentinel(["monitors", "add", "http://127.0.0.1:8081/", "--name", "shop"]);
    expect(code).toBe(0);
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({ name: "shop", endpoints: ["http://127.0.0.1:8081/"] });
    expect(asked[0]?.headers["idempotency-key"]).toMatch(/^[\da-f-]{36}$/);
  });

  test("removes by name, on the version that was seen", async () => {
    answers.set("GET /api/v1/monitors", { status: 200, body: { data: [monitor("shop")] } });
    answers.set("DELETE /api/v1/monitors/mon_shop", { status: 204, body: null });
    expect(await sentinel(["monitors", "remove", "shop"])).toMatchObject({ code: 0, err: "" });
    expect(asked.at(-1)?.headers["if-match"]).toBe('"3"');
  });

  test("tells a refusal with title, detail, each fault and what to do", async () => {
    answers.set("POST /api/v1/monitors", { status: 400, body: problem(400, "request_invalid") });
    expect(await sentinel(["monitors", "add", "http://x"])).toEqual({
      code: 1,
      out: "",
      err: "There is no such thing\n  Nothing is at this address.\n  endpoints.0: This is no address.\n  Look at the list.\n",
    });
  });
});

test("sentinel incidents show says how the other end was found, what cannot be seen now, and lets no name steer a terminal", async () => {
  const at = "2026-01-01T00:00:00.000Z";
  const diagnosis = { rule: "x", issue: "unreachable", cause: "x", severity: "high", recommendations: [], params: {} };
  const incident = {
    id: 12,
    monitorId: "mon_shop",
    monitorName: "shop",
    nature: "technical",
    verdict: "down",
    status: "open",
    severity: "high",
    startedAt: at,
    detectedAt: at,
    resolvedAt: null,
    resolution: null,
    owner: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    repairs: [],
    acting: "nobody",
    reopened: 0,
    flapping: false,
    endpointsTotal: 1,
    endpointsFailing: 1,
    downtimeMs: 0,
    version: 1,
    diagnosis: { ...diagnosis, text: { issue: "It is unreachable", cause: "Nobody knows.", recommendations: [] } },
  };
  const evidence = {
    requestLine: "GET http://shop.test/",
    addressesTried: [{ address: "192.0.2.1", port: 80, outcome: "connect_refused", durationMs: 3 }],
    dnsAnswer: { name: "shop.test", records: [], resolver: "192.0.2.53", durationMs: 2, outcome: "", fromCache: false },
    certificateChain: [
      { subject: "\u001b[31mshop", issuer: "Test CA", validFromMs: 1, validToMs: 2, fingerprint256: "AA" },
    ],
  };
  const endpoints = [{ url: "http://shop.test/", reason: "connect_refused", evidence }];
  const opened = { eventId: "e1", version: 1, at, type: "incident_opened", data: { endpoints }, text: "shop is down." };
  answers.set("GET /api/v1/incidents/12", { status: 200, body: incident });
  answers.set("GET /api/v1/incidents/12/timeline", { status: 200, body: { data: [opened] } });
  const seen = await sentinel(["incidents", "show", "12"]);
  expect(seen).toMatchObject({ code: 0, err: "" });
  for (const line of [
    "  DNS answer\n    shop.test, answered by 192.0.2.53 in 2 ms\n",
    "  Addresses tried\n    192.0.2.1:80: after 3 ms, The host refuses connections.\n",
    "  Certificate chain\n    1. ·[31mshop, issued by Test CA, valid from ",
  ])
    expect(seen.out).toContain(line);
  expect(seen.out).not.toMatch(/not known/);
  answers.set("GET /api/v1/monitors/mon_shop", { status: 200, body: { ...monitor("shop"), status: "unknown" } });
  expect((await sentinel(["incidents", "show", "12"])).out).toMatch(/^NOW +not known: last seen .*2026/m);
});

test("sentinel incidents --open asks for the open ones only", async () => {
  answers.set("GET /api/v1/incidents?limit=20&open_only=true", { status: 200, body: { data: [] } });
  expect(await sentinel(["incidents", "--open"])).toEqual({ code: 0, out: "No open incident.\n", err: "" });
});

describe("sentinel kpis", () => {
  const figures = { incidents: 12, autoFixes: 5, downtimeMs: 5_400_000, acknowledged: 0, resolved: 11 };
  const kpis = { ...figures, mttdMs: 61_000, mttaMs: null, mttrMs: 600_000 };
  const report = {
    from: "2026-01-01T00:00:00.000Z",
    to: "2026-01-30T12:00:00.000Z",
    total: kpis,
    monitors: [{ ...kpis, id: "mon_1", name: "shop" }],
    days: [],
    projections: [{ name: "incident_kpis", parkedStreams: 0 }],
  };

  test("shows the figures of each monitor and in all, in both languages and as JSON", async () => {
    answers.set("GET /api/v1/kpis?days=30", { status: 200, body: report });
    const { code, out, err } = await sentinel(["kpis"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/MONITOR +INCIDENTS +AUTO-FIXED +DOWNTIME +DETECT +ACK +RESOLVE/);
    expect(out).toMatch(/shop +12 +5 +1 h 30 min +1 min 1 s +– +10 min/);
    expect(out).toMatch(/in all +12 /);
    expect((await sentinel(["kpis", "--lang", "fr"])).out).toMatch(/au total +12 /);
    expect(JSON.parse((await sentinel(["kpis", "-o", "json"])).out)).toEqual(report);
  });

  test("says when there is none, what is left out, and which days can be asked for", async () => {
    const none = { ...report, total: { ...kpis, incidents: 0 }, monitors: [] };
    const projections = [{ name: "incident_kpis", parkedStreams: 2 }];
    answers.set("GET /api/v1/kpis?days=7", { status: 200, body: { ...none, projections } });
    const { out } = await sentinel(["kpis", "--days", "7"]);
    expect(out).toBe(
      "No incident began in the last 7 days.\nLeft out in part: 2 incidents with an event that cannot be used. The log of Sentinel names them.\n",
    );
    expect((await sentinel(["kpis", "--days", "401"])).code).toBe(2);
  });
});

describe("sentinel maintenance", () => {
  const window = {
    id: "mnt_1",
    name: "patch",
    source: "api",
    createdBy: "ada",
    starts: "2026-03-01T02:00",
    duration: "1h",
    zone: "UTC",
    repeat: "FREQ=WEEKLY",
    monitors: ["*"],
    groups: [],
    tags: [],
    reason: null,
    active: true,
    startsAt: "2026-03-01T02:00:00.000Z",
    endsAt: "2026-03-01T03:00:00.000Z",
    covers: 3,
  };

  test("lists windows, begins one, ends it, and says what is missing", async () => {
    answers.set("GET /api/v1/maintenance", { status: 200, body: { data: [window] } });
    expect((await sentinel(["maintenance"])).out).toMatch(/patch +under way .* FREQ=WEEKLY +3/);
    answers.set("POST /api/v1/maintenance", { status: 201, body: window });
    const begun = await sentinel(["maintenance", "start", "patch", "--for", "1h"]);
    expect(begun.out).toMatch(/^Maintenance “patch” has begun .* Monitors covered: 3\.\n$/);
    answers.set("POST /api/v1/maintenance/patch/end", { status: 200, body: window });
    expect((await sentinel(["maintenance", "end", "patch"])).out).toMatch(/“patch” has ended/);
    expect((await sentinel(["maintenance", "start", "patch"])).code).toBe(2);
  });
});

describe("sentinel dead-letters", () => {
  const letter = {
    id: 4,
    source: "checks",
    subject: "chk.v1.7.mon_x.local",
    reason: "wrong_partition",
    reasonText: "Its subject names another partition.",
    at: "2026-01-01T00:00:00.000Z",
    payloadBytes: 1234,
  };

  test("lists what was kept aside, with the reason", async () => {
    answers.set("GET /api/v1/dead-letters?limit=20", { status: 200, body: { data: [letter] } });
    const { code, out } = await sentinel(["dead-letters"]);
    expect(code).toBe(0);
    expect(out).toMatch(/#4 .*checks +1,234 +Its subject names another partition\./);
    answers.set("GET /api/v1/dead-letters?limit=20", { status: 200, body: { data: [] } });
    expect((await sentinel(["dead-letters", "list"])).out).toBe("No dead letter: every message could be used.\n");
  });

  test("shows what one contains, with nothing that a terminal would obey", async () => {
    const payload = Buffer.from("\u001b[31mhi\u0000\u0001there").toString("base64");
    answers.set("GET /api/v1/dead-letters/4", { status: 200, body: { ...letter, payload } });
    const { out } = await sentinel(["dead-letters", "show", "#4"]);
    expect(out).toContain("chk.v1.7.mon_x.local");
    expect(out).toContain("·[31mhi·there");
  });

  test("sends one again or forgets it", async () => {
    answers.set("POST /api/v1/dead-letters/4/replay", { status: 204, body: undefined });
    expect((await sentinel(["dead-letters", "replay", "4"])).out).toBe("Dead letter #4 was sent once more.\n");
    answers.set("DELETE /api/v1/dead-letters/4", { status: 204, body: undefined });
    expect((await sentinel(["dead-letters", "discard", "4"])).out).toBe("Dead letter #4 was discarded.\n");
  });
});

test("sentinel incidents comment sends the whole text, quoted or not", async () => {
  answers.set("POST /api/v1/incidents/12/comments", { status: 201, body: {} });
  await sentinel(["incidents", "comment", "12", "rolled", "back"]);
  await sentinel(["incidents", "comment", "#12", "rolled back"]);
  expect(asked.map(({ body }) => JSON.parse(body))).toEqual([{ text: "rolled back" }, { text: "rolled back" }]);
});

test("sentinel notify test exits with 1 when the message did not arrive", async () => {
  const body = { delivered: false, reason: "connect_refused", tookMs: 4 };
  answers.set("POST /api/v1/channels/team/test", { status: 200, body });
  const { code, out } = await sentinel(["notify", "test", "team"]);
  expect(code).toBe(1);
  expect(out).toMatch(/^team did not take the test message: \S/);
});

describe("a wrong command line", () => {
  test.each([
    [["stauts"], "sentinel status"],
    [["monitors", "lits"], "sentinel monitors list"],
    [["status", "--tokn", "x"], "--token"],
    [["service", "probr"], "sentinel service prober"],
  ])("%j exits with 2 and names the nearest match", async (args, near) => {
    const { code, err, out } = await sentinel(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(`Did you mean`);
    expect(err).toContain(near);
  });

  test("is told in the language of the terminal, or in that of --lang", async () => {
    expect((await sentinel(["stauts"], { LANG: "fr_FR.UTF-8" })).err).toContain("Vouliez-vous dire");
    expect((await sentinel(["--lang", "fr", "stauts"])).err).toContain("Vouliez-vous dire");
    expect((await sentinel(["stauts", "--lang=en"], { LANG: "fr_FR.UTF-8" })).err).toContain("Did you mean");
  });
});

describe("help", () => {
  test.each(Object.keys(COMMANDS))("of %s names every option, in both languages", async (name) => {
    const command = await COMMANDS[name]?.();
    const options = Object.keys(command?.options ?? {}).filter((option) => !(option in COMMON_OPTIONS));
    for (const lang of LOCALES) {
      const { code, out } = await sentinel([name, "--help", "--lang", lang]);
      expect(code).toBe(0);
      // `service` takes the options of `up` and says so.
      for (const option of name === "service" ? ["nats", "database"] : options) expect(out).toContain(`--${option}`);
    }
  });

  test("without a command lists them all", async () => {
    const { code, out } = await sentinel(["--help"]);
    expect(code).toBe(0);
    for (const name of Object.keys(COMMANDS)) expect(out).toContain(`\n  ${name} `);
    expect(Object.keys(REST_OPTIONS)).toEqual(["url", "token", "output"]);
    expect(renderText("en", "cli.help")).toBe(out);
  });
});
