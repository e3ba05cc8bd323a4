import { describe, expect, test } from "@jest/globals";
import { renderProblem } from "../text/index.ts";
import { SCHEMES } from "./kinds/index.ts";
import { parseConfig } from "./parse-config.ts";

const ENV = { HOOK_SECRET: "whsec_c2VjcmV0", EMPTY: "" };

/** Each problem as "line:column path code", and its sentence. */
function problemsOf(yaml: string, locale: "en" | "fr" = "en"): readonly string[] {
  const parsed = parseConfig(yaml, { file: "sentinel.yaml", env: ENV });
  if (parsed.ok) return [];
  return parsed.problems.map((each) => `${each.line}:${each.column} ${each.path}: ${renderProblem(locale, each)}`);
}

/** A monitor with this one line more. */
const monitor = (line: string): string =>
  line.startsWith("endpoints")
    ? `monitors:\n  shop:\n    ${line}\n`
    : `monitors:\n  shop:\n    endpoints: [http://127.0.0.1:8081/]\n    ${line}\n`;
const channel = (fields: string): string => `notifications:\n  ops: {${fields}}\n`;

describe("a mistake in sentinel.yaml is named with its place, what was expected and the nearest known word", () => {
  test.each([
    [
      "an unknown key",
      monitor("evry: 5s"),
      "4:5 monitors.shop.evry: The key “evry” is not known here. Did you mean “every”?",
    ],
    [
      "an unknown key like no other",
      monitor("colour: red"),
      "4:5 monitors.shop.colour: The key “colour” is not known here. Remove it.",
    ],
    [
      "an unknown section",
      "monitor: {}\n",
      "1:1 monitor: The key “monitor” is not known here. Did you mean “monitors”?",
    ],
    [
      "an unknown key deep inside",
      monitor("repair: {mod: auto}"),
      "4:14 monitors.shop.repair.mod: The key “mod” is not known here. Did you mean “mode”?",
    ],
    [
      "a text for a number",
      monitor('failuresToConfirm: "two"'),
      "4:5 monitors.shop.failuresToConfirm: Expected here: a number.",
    ],
    [
      "a number in quotes",
      monitor('failuresToConfirm: "2"'),
      "4:5 monitors.shop.failuresToConfirm: Expected here: a number. Did you mean 2, without quotes?",
    ],
    [
      "half a failure",
      monitor("failuresToConfirm: 1.5"),
      "4:5 monitors.shop.failuresToConfirm: Expected here: a whole number.",
    ],
    [
      "a status in quotes",
      monitor('endpoints: [{url: http://127.0.0.1/, expect: {status: "200"}}]'),
      "3:51 monitors.shop.endpoints.0.expect.status: Expected here: a number or a list. Did you mean 200, without quotes?",
    ],
    [
      "a status that is none",
      monitor("endpoints: [{url: http://127.0.0.1/, expect: {status: 999}}]"),
      "3:51 monitors.shop.endpoints.0.expect.status: This is too large or too long: at most 599.",
    ],
    [
      "a number among addresses",
      monitor("endpoints: [8080]"),
      "3:17 monitors.shop.endpoints.0: Expected here: a text or keys with values.",
    ],
    [
      "one address without its list",
      monitor("endpoints: http://127.0.0.1/"),
      "3:5 monitors.shop.endpoints: Expected here: a list.",
    ],
    [
      "no address",
      monitor("endpoints: []"),
      "3:5 monitors.shop.endpoints: This is too small or too short: at least 1.",
    ],
    [
      "nothing where an address must be",
      "monitors:\n  shop: {every: 5s}\n",
      "2:3 monitors.shop.endpoints: “endpoints” is missing. Add it.",
    ],
    [
      "a wrong mode",
      monitor("repair: {mode: autp}"),
      "4:14 monitors.shop.repair.mode: Only these values are allowed here: off, observe, dry-run, auto. Did you mean “auto”?",
    ],
    [
      "a bad duration",
      monitor("every: soon"),
      "4:5 monitors.shop.every: “soon” is not a span of time. Write a number and a unit, such as 500ms, 2s, 5m or 1h.",
    ],
    [
      "a duration without its unit",
      monitor("every: 30"),
      "4:5 monitors.shop.every: “30” is not a span of time. Write a number and a unit, such as 500ms, 2s, 5m or 1h.",
    ],
    [
      "a duration out of range",
      monitor("every: 1ms"),
      "4:5 monitors.shop.every: “1ms” is outside the range from 1s to 1d.",
    ],
    [
      "a URL with credentials",
      monitor("endpoints: [http://me:pw@127.0.0.1/]"),
      "3:17 monitors.shop.endpoints.0: The address of 127.0.0.1 holds a user name or password. Take them out of the address.",
    ],
    [
      "a scheme of no kind of check",
      monitor("endpoints: [ftp://127.0.0.1/]"),
      `3:17 monitors.shop.endpoints.0: “ftp” addresses cannot be checked. Begin with one of: ${SCHEMES.join(", ")}.`,
    ],
    [
      "a cloud metadata address",
      monitor("endpoints: [http://169.254.169.254/]"),
      "3:17 monitors.shop.endpoints.0: 169.254.169.254 is a cloud metadata service. It is never asked, whatever is allowed.",
    ],
    [
      "a variable that is no secret",
      monitor("owner: ${HOOK_SECRET}"),
      "4:5 monitors.shop.owner: A variable such as ${NAME} is allowed in secret fields only (url, secret and password of notifications), alone and whole; not in “owner”.",
    ],
    [
      "a channel nobody made",
      monitor("notify: [ops]"),
      "4:14 monitors.shop.notify.0: No notification channel is called “ops”. Add it under “notifications” or remove it here.",
    ],
    [
      "an unknown channel type",
      channel("type: slak, url: http://127.0.0.1/"),
      "2:9 notifications.ops.type: Only these values are allowed here: webhook, slack, smtp. Did you mean “slack”?",
    ],
    [
      "a channel type like no other",
      channel("type: pigeon"),
      "2:9 notifications.ops.type: Only these values are allowed here: webhook, slack, smtp.",
    ],
    [
      "a channel without a type",
      channel("url: http://127.0.0.1/"),
      "2:3 notifications.ops.type: “type” is missing. Add it.",
    ],
    [
      "a missing environment variable",
      channel('type: webhook, url: "${HOOK_URL}"'),
      "2:24 notifications.ops.url: The environment variable HOOK_URL is not set. Set it where Sentinel is started.",
    ],
    [
      "an empty environment variable",
      channel('type: slack, url: "${EMPTY}"'),
      "2:22 notifications.ops.url: The environment variable EMPTY is not set. Set it where Sentinel is started.",
    ],
    [
      "a duplicate name",
      "monitors:\n  shop: {endpoints: [http://127.0.0.1/]}\n  shop: {endpoints: [http://127.0.0.1/]}\n",
      "3:3 : This name stands here twice. Names are unique: rename or remove one.",
    ],
    ["a list for the whole", "- shop\n", "1:1 : Expected here: keys with values."],
  ])("%s", (_, yaml, sentence) => {
    expect(problemsOf(yaml)).toEqual([sentence]);
  });

  test("in French as well", () => {
    const [status] = problemsOf(monitor('endpoints: [{url: http://127.0.0.1/, expect: {status: "200"}}]'), "fr");
    expect(status?.replaceAll("\u202f", " ")).toMatch(
      /Attendu ici : un nombre ou une liste\. Vouliez-vous dire 200, sans guillemets \?$/,
    );
    const [type] = problemsOf(channel("type: slak"), "fr");
    expect(type?.replaceAll(/[\u00a0\u202f]/g, " ")).toMatch(/webhook, slack, smtp\. Vouliez-vous dire « slack » \?$/);
  });

  test("all mistakes at once, and no secret in any of them", () => {
    const yaml = `${monitor("evry: 5s")}${channel('type: webhook, url: "ftp://u:hunter2@x/", secret: hunter2, pasword: hunter2')}`;
    const all = problemsOf(yaml);
    expect(all).toHaveLength(3);
    expect(all.join("\n")).not.toContain("hunter2");
  });

  test("a mail address and the name of a header have their form", () => {
    const mail = channel("type: smtp, host: mail.test, from: nobody, to: [x]");
    expect(problemsOf(mail).map((each) => each.replace(/^\d+:\d+ /, ""))).toEqual([
      "notifications.ops.from: “nobody” is not a mail address. Write it as ops@example.org.",
      "notifications.ops.to.0: “x” is not a mail address. Write it as ops@example.org.",
    ]);
    const header = monitor('endpoints: [{url: http://a.test/, headers: {"a b": c}}]');
    expect(problemsOf(header).join()).toContain("“a b” has characters that are not allowed here.");
  });

  test("what is not YAML is named with its line", () => {
    expect(problemsOf("monitors: {shop: [}\n")[0]).toMatch(/^1:\d+ : This is not YAML: /);
  });
});

test("a whole file is read with its defaults, and an empty one is no mistake", () => {
  const parsed = parseConfig(
    `${monitor("every: 2s")}${channel('type: webhook, url: http://127.0.0.1/, secret: "${HOOK_SECRET}"')}`,
    {
      file: "sentinel.yaml",
      env: ENV,
    },
  );
  expect(parsed).toMatchObject({
    ok: true,
    config: {
      monitors: [{ name: "shop", everyMs: 2000, timeoutMs: 2000, failuresToConfirm: 2 }],
      channels: [{ name: "ops" }],
    },
  });
  expect(parseConfig("", { file: "sentinel.yaml", env: ENV }).ok).toBe(true);
});
