import type { JsMsg } from "@nats-io/jetstream";
import type { Message } from "../bus.ts";

/** A message of the server without the headers that steer the server. */
export function toMessage(message: JsMsg, stream: string, epoch: string): Message {
  const headers: Record<string, string> = {};
  for (const [name, [value]] of message.headers ?? []) {
    if (value !== undefined && !name.startsWith("Nats-")) headers[name] = value;
  }
  return { stream, epoch, seq: message.seq, subject: message.subject, data: message.data, headers };
}
