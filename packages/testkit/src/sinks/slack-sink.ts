import { type HttpSink, type Posted, startHttpSink } from "./http-sink.ts";

export interface SlackPosted extends Posted {
  /** The fallback text; empty when there is none. */
  readonly text: string;
  readonly blocks: readonly unknown[];
}

export type SlackSink = HttpSink<SlackPosted>;

/** An incoming webhook of Slack on loopback; its path is shaped like Slack's own. */
export const startSlackSink = (options: { readonly port?: number } = {}): Promise<SlackSink> =>
  startHttpSink({ ...options, path: "/services/T000/B000/token", read: readSlack, answer: "ok" });

function readSlack(posted: Posted): SlackPosted {
  const json: unknown = JSON.parse(posted.body);
  const fields: { text?: unknown; blocks?: unknown } = typeof json === "object" && json !== null ? json : {};
  return {
    ...posted,
    text: typeof fields.text === "string" ? fields.text : "",
    blocks: Array.isArray(fields.blocks) ? fields.blocks : [],
  };
}
