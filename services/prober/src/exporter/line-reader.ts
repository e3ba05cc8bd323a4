import type { Conversation } from "@sentinel/egress";

const MAX_LINE_BYTES = 64 * 1024;

/** The next line without its end; the last one may have none. Undefined when the other side has ended. */
export type NextLine = () => Promise<string | undefined>;

/** Reads the conversation's present socket by lines; bytes are Latin-1 characters. */
export function readLines(conversation: Conversation): { readonly next: NextLine; readonly release: () => void } {
  const socket = conversation.socket();
  let buffered = "";
  let ended = false;
  let wake: () => void = () => undefined;
  const onData = (chunk: Buffer): void => {
    buffered += chunk.toString("latin1");
    if (buffered.length > MAX_LINE_BYTES) socket.pause();
    conversation.enter("transfer");
    wake();
  };
  const onEnd = (): void => {
    ended = true;
    wake();
  };
  socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  const take = (): string | undefined => {
    const at = buffered.indexOf("\n");
    if (at < 0) return undefined;
    const line = buffered.slice(0, at);
    buffered = buffered.slice(at + 1);
    if (buffered.length <= MAX_LINE_BYTES) socket.resume();
    return line.replace(/\r$/, "");
  };
  const next: NextLine = async () => {
    for (;;) {
      const line = take();
      if (line !== undefined) return line;
      if (buffered.length > MAX_LINE_BYTES) {
        throw conversation.failure("body_too_large", { limitBytes: String(MAX_LINE_BYTES) });
      }
      if (ended) {
        const rest = buffered;
        buffered = "";
        return rest === "" ? undefined : rest;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { next, release: () => void socket.off("data", onData).off("end", onEnd).off("close", onEnd) };
}
