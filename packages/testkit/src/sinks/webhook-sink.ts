import { type HttpSink, type Posted, startHttpSink } from "./http-sink.ts";

export type WebhookSink = HttpSink<Posted>;

/** A receiver of signed webhooks on loopback; it keeps headers and body, so that a test can verify the signature itself. */
export const startWebhookSink = (options: { readonly port?: number } = {}): Promise<WebhookSink> =>
  startHttpSink({ ...options, path: "/hook", read: (posted) => posted, answer: "" });
