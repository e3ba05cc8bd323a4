import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type MailSink, startMailSink, startSlackSink, startWebhookSink } from "@sentinel/testkit";
import { Sentinel, until } from "../harness/sentinel.ts";
import { countOf, lostSlots, readLog } from "./audit.ts";
import { type Sleeper, startSleeper } from "./sleeper.ts";

const EVERY_MS = 1000;

interface Point {
  /** As SENTINEL_FAILPOINT takes it; ":2" for the second hit, the round that confirms the outage. */
  readonly point: string;
  /** The knock was made before the crash, so none may follow it. */
  readonly knocked: boolean;
  /** The crash is between the claim and the knock: nobody knocks again, and the target comes back by itself. */
  readonly wakesAlone?: boolean;
}

const POINTS: readonly Point[] = [
  { point: "prober.after-spool:2", knocked: false },
  { point: "prober.after-publish:2", knocked: false },
  { point: "fold.before-commit:2", knocked: false },
  { point: "fold.after-commit:2", knocked: false },
  { point: "relay.after-publish", knocked: false },
  { point: "repair.after-claim", knocked: true, wakesAlone: true },
  { point: "repair.during-ping", knocked: true },
  { point: "repair.after-ping", knocked: true },
  { point: "repair.after-result", knocked: true },
  { point: "notify.before-send", knocked: false },
  { point: "notify.after-send", knocked: false },
  { point: "notify.after-record", knocked: false },
];

type Sink = Awaited<ReturnType<typeof startWebhookSink>>;
type SlackSink = Awaited<ReturnType<typeof startSlackSink>>;

let sleeper: Sleeper;
let hook: Sink;
let slack: SlackSink;
let mail: MailSink;
let sentinel: Sentinel;

beforeEach(async () => {
  sleeper = await startSleeper();
  hook = await startWebhookSink();
  slack = await startSlackSink();
  mail = await startMailSink();
  sentinel = await Sentinel.create({
    config: `
monitors:
  shop:
    endpoints: ["${sleeper.url}"]
    every: ${EVERY_MS}ms
    timeout: 900ms
    repair: {action: wake-up, mode: auto}
notifications:
  ops: {type: webhook, url: "${hook.url}"}
  chat: {type: slack, url: "${slack.url}"}
  post: {type: smtp, host: 127.0.0.1, port: ${mail.port}, security: none, from: sentinel@example.org, to: [ops@example.org]}
`,
  });
});

afterEach(async () => {
  await sentinel.remove();
  await Promise.all([sleeper.stop(), hook.stop(), slack.stop(), mail.stop()]);
});

describe("kill -9 at a named point, then a restart: the story ends the same", () => {
  test.each(POINTS)("$point", async ({ point, knocked, wakesAlone }) => {
    sleeper.fallAsleep();
    sentinel.start({ SENTINEL_FAILPOINT: point });
    expect(await sentinel.exited()).toEqual({ code: null, signal: "SIGKILL" });
    const knocksBefore = sleeper.knocks.length;
    if (wakesAlone === true) sleeper.wake();

    sentinel.start();
    const told = await until(
      "one resolved incident and every message of it",
      async () => {
        const log = await readLog(sentinel);
        const delivered = countOf(log.timeline, "notification_delivered");
        return log.incidents[0]?.status === "resolved" && delivered >= 6 ? log : undefined;
      },
      60_000,
    );

    expect(told.incidents).toHaveLength(1);
    expect(countOf(told.timeline, "incident_opened")).toBe(1);
    expect(countOf(told.timeline, "repair_started")).toBe(1);
    expect(countOf(told.timeline, "incident_resolved")).toBe(1);
    expect(told.incidents[0]?.resolution).toBe("auto_fix");
    expect(told.autoFixes).toBe(1);
    if (knocked) expect(sleeper.knocks).toHaveLength(knocksBefore);
    expect(lostSlots(told.checks, EVERY_MS)).toEqual([]);
    expect(onceEach(hookMessages())).toEqual(["opened", "resolved"]);
    expect(onceEach(slackMessages())).toEqual(["opened", "resolved"]);
    expect(mailIds().size).toBe(2);
  });
});

interface Told {
  readonly id: string;
  readonly kind: string;
  readonly repeat: boolean;
}

function hookMessages(): readonly Told[] {
  return hook.received.map(({ headers, body }) => {
    const message: { type: string; data: { possibleDuplicate: boolean } } = JSON.parse(body);
    return {
      id: headers["webhook-id"] ?? "",
      kind: message.type.replace("incident.", ""),
      repeat: message.data.possibleDuplicate,
    };
  });
}

/** A person reads Slack: the id and the word of a possible repeat stand in the last line. */
function slackMessages(): readonly Told[] {
  return slack.received.map((message) => {
    const text = JSON.stringify(message);
    const id = /evt_[0-9a-z]+-chat/.exec(text)?.[0] ?? "";
    return {
      id,
      kind: /works again/i.test(text) ? "resolved" : "opened",
      repeat: /may have (reached|arrived|been)|twice|repeat/i.test(text),
    };
  });
}

const mailIds = (): Set<string> =>
  new Set(mail.received.map(({ raw }) => /^Message-ID: (.+)\r$/im.exec(raw)?.[1] ?? ""));

/** Kinds in order as a receiver that deduplicates sees them; a repeat must say that it may be one. */
function onceEach(messages: readonly Told[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const { id, kind, repeat } of messages) {
    expect(id).not.toBe("");
    if (seen.has(id)) expect({ id, repeat }).toEqual({ id, repeat: true });
    else seen.set(id, kind);
  }
  return [...seen.values()];
}
