import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Nature, Resolution, Severity, Verdict } from "@sentinel/contracts";
import { type ChannelConfig, Secret } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Locale } from "@sentinel/contracts/text";
import { createEgress, type Egress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import {
  type MailSink,
  type SlackSink,
  startMailSink,
  startSlackSink,
  startWebhookSink,
  type WebhookSink,
} from "@sentinel/testkit";
import { initialIncidentState } from "../core/incident.ts";
import type { IncidentState, Notification } from "../core/types.ts";
import { type Channel, createChannels } from "./channels.ts";

const AT_MS = Date.UTC(2026, 10, 21, 14, 6, 0);
const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const KEY = "c2VjcmV0LWtleS1vZi0zMi1ieXRlcy1sb25nISE=";

const incident: IncidentState = {
  ...initialIncidentState,
  id: 7,
  monitorId: "mon_1",
  monitorName: "Shop <!channel> & Co",
  nature: Nature.BUSINESS,
  verdict: Verdict.DOWN,
  owner: "Ada",
  startedAtMs: AT_MS - 192_000,
  detectedAtMs: AT_MS - 162_000,
  diagnosis: {
    rule: "connect.refused/all",
    issue: "unreachable",
    cause: "crashed_or_not_started",
    severity: Severity.CRITICAL,
    recommendations: ["read_last_logs", "restart_service", "deploy_last_good"],
    params: { host: "shop.example", port: "8081" },
  },
  endpointsTotal: 1,
  endpointsFailing: 1,
  version: 3,
};

const opened: Notification = {
  id: "0190e6c0-opened:ops",
  channel: "ops",
  kind: "opened",
  incident,
  atMs: AT_MS,
  attempt: 0,
  possibleDuplicate: false,
  link: "http://127.0.0.1:8300/incidents/7",
  traceparent: TRACE,
};

let egress: Egress;
let webhooks: WebhookSink;
let slack: SlackSink;
let mails: MailSink;

beforeAll(async () => {
  egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  [webhooks, slack, mails] = await Promise.all([startWebhookSink(), startSlackSink(), startMailSink()]);
});

afterAll(async () => {
  egress.close();
  await Promise.all([webhooks.stop(), slack.stop(), mails.stop()]);
});

function channelOf(config: ChannelConfig, given: { locale?: Locale; egress?: Egress } = {}): Channel {
  const channels = createChannels({
    channels: [config],
    egress: given.egress ?? egress,
    locale: given.locale ?? "en",
    clock: systemClock,
  });
  const channel = channels.get(config.name);
  if (channel === undefined) throw new Error(`no channel ${config.name}`);
  return channel;
}

const webhook = (secret?: string): ChannelConfig => ({
  type: "webhook",
  name: "ops",
  url: new Secret("HOOK_URL", `${webhooks.url}?token=hush-url`),
  secret: secret === undefined ? undefined : new Secret("WEBHOOK_SECRET", secret),
});

const slackChannel = (): ChannelConfig => ({ type: "slack", name: "team", url: new Secret("SLACK_URL", slack.url) });

const smtp = (more: Partial<Extract<ChannelConfig, { type: "smtp" }>> = {}): ChannelConfig => ({
  type: "smtp",
  name: "mail",
  host: mails.host,
  port: mails.port,
  security: "none",
  user: undefined,
  password: undefined,
  from: "sentinel@shop.example",
  to: ["ada@shop.example", "bob@shop.example"],
  locale: undefined,
  ...more,
});

const send = (channel: Channel, notification: Notification = opened): Promise<void> =>
  channel.send(notification, new AbortController().signal);

async function failureOf(sending: Promise<void>): Promise<SentinelError> {
  const outcome = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(outcome instanceof SentinelError)) throw new Error("expected a coded failure", { cause: outcome });
  return outcome;
}

const last = <T>(items: readonly T[]): T => {
  const item = items.at(-1);
  if (item === undefined) throw new Error("nothing arrived");
  return item;
};

describe("the signed webhook", () => {
  test.each([
    ["a base64 key", `whsec_${KEY}`, Buffer.from(KEY, "base64")],
    ["a plain key", "hush-hush", Buffer.from("hush-hush")],
  ])("can be verified by %s", async (_name, secret, key) => {
    await send(channelOf(webhook(secret)));
    const { headers, body } = last(webhooks.received);
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const expected = createHmac("sha256", key).update(signed).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
    expect(headers["webhook-id"]).toBe(opened.id);
    expect(headers["traceparent"]).toBe(TRACE);
    expect(headers["content-type"]).toBe("application/json");
  });

  test("says what happened as data and in words", async () => {
    await send(channelOf(webhook()));
    const { headers, body } = last(webhooks.received);
    expect(headers["webhook-signature"]).toBeUndefined();
    expect(JSON.parse(body)).toMatchObject({
      type: "incident.opened",
      timestamp: "2026-11-21T14:06:00.000Z",
      data: {
        incident: {
          id: 7,
          status: "open",
          verdict: "down",
          nature: "business",
          severity: "critical",
          startedAt: "2026-11-21T14:02:48.000Z",
          resolvedAt: null,
          resolution: null,
          diagnosis: { issue: "unreachable", text: { issue: "shop.example cannot be reached on port 8081" } },
        },
        text: expect.stringContaining("shop.example cannot be reached on port 8081. Nothing listens there"),
        link: "http://127.0.0.1:8300/incidents/7",
        possibleDuplicate: false,
      },
    });
  });

  test("keeps its id on a repeat and says that it may be one", async () => {
    await send(channelOf(webhook(), { locale: "fr" }), { ...opened, possibleDuplicate: true });
    const { headers, body } = last(webhooks.received);
    expect(headers["webhook-id"]).toBe(opened.id);
    expect(JSON.parse(body)).toMatchObject({
      data: { possibleDuplicate: true, text: expect.stringContaining("Doublon possible") },
    });
  });

  test("an id that does not fit a header becomes a stable one that does", async () => {
    const odd = { ...opened, id: "0190e6c0:équipe v1.2" };
    await send(channelOf(webhook()), odd);
    await send(channelOf(webhook()), odd);
    const ids = webhooks.received.slice(-2).map((each) => each.headers["webhook-id"]);
    expect(ids[0]).toMatch(/^msg_[0-9a-f]{64}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  test.each([
    [408, "true"],
    [429, "true"],
    [500, "true"],
    [503, "true"],
    [301, "false"],
    [400, "false"],
    [404, "false"],
    [410, "false"],
  ])("status %i fails with retryable %s and without a secret", async (status, retryable) => {
    webhooks.failNext(1, status);
    const error = await failureOf(send(channelOf(webhook("hush-hush"))));
    expect(error.code).toBe("notify_failed");
    expect(error.params).toEqual({ channel: "ops", reason: "http_status", retryable, status: String(status) });
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toMatch(/hush/);
  });

  test("a receiver that is gone is tried again, one that may not be contacted is not", async () => {
    const gone = await startWebhookSink();
    await gone.stop();
    const config: ChannelConfig = {
      type: "webhook",
      name: "ops",
      url: new Secret("HOOK", gone.url),
      secret: undefined,
    };
    const refused = await failureOf(send(channelOf(config)));
    expect(refused.params).toEqual({ channel: "ops", reason: "connect_refused", retryable: "true" });

    const strict = createEgress({ policy: { allowPrivate: false, allowCidrs: [] }, clock: systemClock });
    const forbidden = await failureOf(send(channelOf(webhook(), { egress: strict })));
    expect(forbidden.params).toEqual({ channel: "ops", reason: "address_forbidden", retryable: "false" });
    strict.close();
  });

  test("a send that is cut short by the sender may be repeated", async () => {
    const error = await failureOf(channelOf(webhook()).send(opened, AbortSignal.abort()));
    expect(error.params).toMatchObject({ reason: "interrupted", retryable: "true" });
  });
});

describe("Slack", () => {
  test("gets text and blocks in which nobody can be called by a monitor's name", async () => {
    await send(channelOf(slackChannel()));
    const { text, blocks, body } = last(slack.received);
    expect(text).toContain("Shop &lt;!channel&gt; &amp; Co is down");
    expect(JSON.stringify(blocks.slice(1))).not.toMatch(/<|>/);
    expect(blocks).toHaveLength(3);
    expect(body).toContain("http://127.0.0.1:8300/incidents/7");
  });

  test.each([
    [429, "true"],
    [404, "false"],
  ])("status %i fails with retryable %s, and its address stays unsaid", async (status, retryable) => {
    slack.failNext(1, status);
    const error = await failureOf(send(channelOf(slackChannel())));
    expect(error.params).toEqual({ channel: "team", reason: "http_status", retryable, status: String(status) });
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain("T000/B000");
  });
});

describe("mail", () => {
  test("goes to every recipient, with an id that stays the same", async () => {
    const before = mails.received.length;
    await send(channelOf(smtp()));
    await send(channelOf(smtp()), { ...opened, attempt: 1, possibleDuplicate: true });
    const [first, second] = mails.received.slice(before);
    expect(first?.from).toBe("sentinel@shop.example");
    expect(first?.to).toEqual(["ada@shop.example", "bob@shop.example"]);
    const idOf = (raw: string | undefined) => /^Message-ID: (<[0-9a-f]{32}@shop\.example>)\r$/im.exec(raw ?? "")?.[1];
    expect(idOf(first?.raw)).toBeDefined();
    expect(idOf(second?.raw)).toBe(idOf(first?.raw));
    expect(first?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(first?.raw).toMatch(/^References: <sentinel-incident-7@shop\.example>\r$/m);
    expect(first?.raw).not.toContain("Possible duplicate");
    expect(second?.raw).toContain("Possible duplicate");
  });

  test("is plain text and HTML, in the language of the channel, and a name is never markup", async () => {
    await send(channelOf(smtp({ locale: "fr" })), { ...opened, kind: "resolved", incident: resolved });
    const raw = last(mails.received).raw.replaceAll("=\r\n", "");
    expect(raw).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(raw).toContain("Sentinel l=E2=80=99a r=C3=A9veill=C3=A9.");
    const html = raw.slice(raw.indexOf("<!doctype html>"));
    expect(html).toContain("Shop &lt;!channel&gt; &amp; Co");
    expect(html).not.toContain("<!channel>");
  });

  const resolved: IncidentState = {
    ...incident,
    resolvedAtMs: AT_MS,
    resolution: Resolution.AUTO_FIX,
    downtimeMs: 192_000,
  };

  test.each([
    [451, "true"],
    [550, "false"],
  ])("code %i fails with retryable %s", async (status, retryable) => {
    mails.failNext(1, status);
    const error = await failureOf(send(channelOf(smtp())));
    expect(error.params).toEqual({ channel: "mail", reason: "smtp_refused", retryable, status: String(status) });
  });

  test("logs in where the server demands it; a wrong password is refused for good and not repeated", async () => {
    const guarded = await startMailSink({ login: { user: "sentinel", password: "hush-hush" } });
    const login = (password: string): ChannelConfig =>
      smtp({ port: guarded.port, user: "sentinel", password: new Secret("MAIL_PASSWORD", password) });
    await send(channelOf(login("hush-hush")));
    expect(guarded.received).toHaveLength(1);
    const error = await failureOf(send(channelOf(login("hush-wrong"))));
    expect(error.params).toEqual({ channel: "mail", reason: "smtp_refused", retryable: "false", status: "535" });
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toMatch(/hush/);
    await guarded.stop();
  });

  test("is not sent in plain text where encryption is demanded", async () => {
    const before = mails.received.length;
    const starttls = await failureOf(send(channelOf(smtp({ security: "starttls" }))));
    expect(starttls.params).toMatchObject({ reason: "smtp_no_tls", retryable: "false" });
    const tls = await failureOf(send(channelOf(smtp({ security: "tls" }))));
    expect(tls.params).toMatchObject({ reason: "tls_wrong_version", retryable: "true" });
    expect(mails.received).toHaveLength(before);
  });

  test("is never sent past the address rules", async () => {
    const before = mails.received.length;
    const strict = createEgress({ policy: { allowPrivate: false, allowCidrs: [] }, clock: systemClock });
    const error = await failureOf(send(channelOf(smtp(), { egress: strict })));
    expect(error.params).toMatchObject({ reason: "address_forbidden", retryable: "false" });
    expect(mails.received).toHaveLength(before);
    strict.close();
  });
});

test("a channel shows its host and the fingerprint of its secret, never more", () => {
  const shown = [webhook("hush-hush"), webhook(), slackChannel(), smtp()].map((config) => {
    const { target, secret } = channelOf(config);
    return [target, secret];
  });
  expect(shown).toEqual([
    [`127.0.0.1:${webhooks.port}`, expect.stringMatching(/^WEBHOOK_SECRET \([0-9a-f]{6}\)$/)],
    [`127.0.0.1:${webhooks.port}`, ""],
    [`127.0.0.1:${slack.port}`, expect.stringMatching(/^SLACK_URL \([0-9a-f]{6}\)$/)],
    ["127.0.0.1", ""],
  ]);
});
