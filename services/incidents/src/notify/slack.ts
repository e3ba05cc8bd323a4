import { type ChannelConfig } from "@sentinel/contracts/config";
import { type Locale, renderText } from "@sentinel/contracts/text";
import type { Egress } from "@sentinel/egress";
import type { Notification, Send } from "../core/types.ts";
import { renderMessage } from "./message.ts";
import { postJson, traceHeaders } from "./post.ts";

type SlackConfig = Extract<ChannelConfig, { type: "slack" }>;

/** Limits Slack sets for a header and for a section. */
const HEADER_MAX = 150;
const SECTION_MAX = 3000;

/** Sends to an incoming webhook of Slack; its address is the secret. */
export function createSlackSend(options: {
  readonly config: SlackConfig;
  readonly egress: Egress;
  readonly locale: Locale;
}): Send {
  const { config, egress, locale } = options;
  return (notification, signal) =>
    postJson(egress, {
      channel: config.name,
      url: config.url.reveal(),
      headers: traceHeaders(notification.traceparent),
      body: JSON.stringify(payloadOf(locale, notification)),
      signal,
    });
}

function payloadOf(locale: Locale, notification: Notification): object {
  const message = renderMessage(locale, notification);
  const link = message.link === "" ? [] : [escapeSlack(renderText(locale, "notify.line.link", { link: message.link }))];
  const body = [`*${escapeSlack(message.lead)}*`, ...message.lines.map(escapeSlack), ...link].join("\n");
  const notes = [...(message.duplicate === "" ? [] : [message.duplicate]), notification.id].join(" · ");
  return {
    text: escapeSlack(`${message.subject}. ${message.lead}`),
    blocks: [
      { type: "header", text: { type: "plain_text", text: clip(message.subject, HEADER_MAX) } },
      { type: "section", text: { type: "mrkdwn", text: clip(body, SECTION_MAX) } },
      { type: "context", elements: [{ type: "mrkdwn", text: clip(escapeSlack(notes), SECTION_MAX) }] },
    ],
  };
}

/** Text that Slack shows as it is: no mention, no link, no channel can be made of it. */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const clip = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);
