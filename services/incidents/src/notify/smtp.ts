import { createHash } from "node:crypto";
import { type ChannelConfig } from "@sentinel/contracts/config";
import { type Locale, renderText } from "@sentinel/contracts/text";
import { type Egress, EgressError } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";
import { createTransport, type SendMailOptions } from "nodemailer";
import type { Notification, Send } from "../core/types.ts";
import { judgeBroken, notifyFailed, type SendFailure } from "./failure.ts";
import { type Message, plainText, renderMessage } from "./message.ts";

type SmtpConfig = Extract<ChannelConfig, { type: "smtp" }>;

const CONNECT_TIMEOUT_MS = 10_000;
const SEND_TIMEOUT_MS = 30_000;

/** Sends mail. The connection is made by Egress, so a mail server is checked like any other address somebody typed. */
export function createSmtpSend(options: {
  readonly config: SmtpConfig;
  readonly egress: Egress;
  readonly locale: Locale;
  readonly clock: Clock;
}): Send {
  const { config, clock } = options;
  const locale = config.locale ?? options.locale;
  return async (notification, signal) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
    try {
      const mail = { ...mailOf(config, locale, notification, clock.now()), signal: limited };
      await sendOver(await connect(config, options.egress, limited), config, mail);
    } catch (thrown) {
      throw notifyFailed(config.name, judgeSmtp(thrown, signal, limited));
    }
  };
}

const connect = (config: SmtpConfig, egress: Egress, signal: AbortSignal): ReturnType<Egress["connect"]> =>
  egress.connect({
    host: config.host,
    port: config.port,
    tls: config.security === "tls",
    timeoutMs: CONNECT_TIMEOUT_MS,
    signal,
  });

async function sendOver(
  connection: Awaited<ReturnType<Egress["connect"]>>,
  config: SmtpConfig,
  mail: SendMailOptions,
): Promise<void> {
  const tls = config.security === "tls";
  const transport = createTransport({
    connection,
    secured: tls,
    host: config.host,
    port: config.port,
    secure: tls,
    requireTLS: config.security === "starttls",
    ignoreTLS: config.security === "none",
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: CONNECT_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(config.user === undefined ? {} : { auth: { user: config.user, pass: config.password?.reveal() ?? "" } }),
  });
  try {
    await transport.sendMail(mail);
  } finally {
    transport.close();
    connection.destroy();
  }
}

function mailOf(config: SmtpConfig, locale: Locale, notification: Notification, nowMs: number) {
  const message = renderMessage(locale, notification);
  const domain = config.from.slice(config.from.lastIndexOf("@") + 1);
  const { incident } = notification;
  const thread = incident === undefined ? undefined : `<sentinel-incident-${incident.id}@${domain}>`;
  return {
    from: config.from,
    to: [...config.to],
    subject: incident === undefined ? message.subject : `#${incident.id} ${message.subject}`,
    text: `${plainText(locale, message)}\n`,
    html: htmlOf(locale, message),
    messageId: `<${createHash("sha256").update(notification.id).digest("hex").slice(0, 32)}@${domain}>`,
    ...(thread === undefined ? {} : { inReplyTo: thread, references: thread }),
    date: new Date(nowMs),
    headers: {
      "Auto-Submitted": "auto-generated",
      "Content-Language": locale,
      "X-Sentinel-Notification": notification.id,
    },
  };
}

function htmlOf(locale: Locale, message: Message): string {
  const lines = message.lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("");
  const label = escapeHtml(renderText(locale, "notify.line.link", { link: message.link }));
  const link = message.link === "" ? "" : `<p><a href="${escapeHtml(message.link)}">${label}</a></p>`;
  const duplicate = message.duplicate === "" ? "" : `<p><em>${escapeHtml(message.duplicate)}</em></p>`;
  return `<!doctype html><html lang="${locale}"><body><h1 style="font-size:1.2em">${escapeHtml(message.subject)}</h1><p>${escapeHtml(message.lead)}</p>${lines}${link}${duplicate}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A 4xx answer asks to come back later, a 5xx refuses for good; what broke before an answer may pass. */
function judgeSmtp(thrown: unknown, asked: AbortSignal, limited: AbortSignal): SendFailure {
  if (asked.aborted) return { reason: "interrupted", retryable: true };
  if (limited.aborted) return { reason: "deadline_passed", retryable: true };
  if (thrown instanceof EgressError) return judgeBroken(thrown, asked) ?? { reason: "unknown", retryable: true };
  const { code, command, responseCode } = smtpFactsOf(thrown);
  if (command === "STARTTLS" && responseCode > 0) return { reason: "smtp_no_tls", retryable: false };
  if (responseCode > 0) return { reason: "smtp_refused", retryable: responseCode < 500, status: responseCode };
  if (code === "ETLS") return { reason: "tls_handshake", retryable: true };
  if (code === "ETIMEDOUT") return { reason: "deadline_passed", retryable: true };
  if (code === "EAUTH" || code === "ENOAUTH") return { reason: "smtp_refused", retryable: false };
  return { reason: "reset", retryable: true };
}

function smtpFactsOf(thrown: unknown): {
  readonly code: string;
  readonly command: string;
  readonly responseCode: number;
} {
  const facts: { code?: unknown; command?: unknown; responseCode?: unknown } =
    typeof thrown === "object" && thrown !== null ? thrown : {};
  return {
    code: typeof facts.code === "string" ? facts.code : "",
    command: typeof facts.command === "string" ? facts.command : "",
    responseCode: typeof facts.responseCode === "number" ? facts.responseCode : 0,
  };
}
