import type { Conversation } from "@sentinel/egress";

const MAX_BYTES = 64 * 1024;
const SHOWN_CHARACTERS = 200;
/** What arrived but does not fit is told just before the deadline would say only that time ran out. */
export const BEFORE_DEADLINE_MS = 10;

/** Reads a conversation piece by piece; bytes are Latin-1 characters, so that no protocol can break the decoding. */
export interface Reader {
  /**
   * Waits until `take` gives how many of the buffered characters it wants, and gives these.
   * @param expected in words or as a pattern, for the failure.
   * @throws what `conversation.failure` gives: `answer_mismatch`, `empty_reply`, `truncated`, `body_too_large`
   */
  take(take: (buffered: string) => number | undefined, expected: string): Promise<string>;
  /** A line without its end. */
  line(): Promise<string>;
  /** That many bytes. */
  bytes(count: number): Promise<Buffer>;
  /** What arrived and was not taken. */
  rest(): string;
  /** Stops listening, as before the connection is secured. */
  release(): void;
}

export function createReader(conversation: Conversation): Reader {
  const socket = conversation.socket();
  let buffered = "";
  let ended = false;
  let wake: () => void = () => undefined;
  const onData = (chunk: Buffer): void => {
    if (buffered.length <= MAX_BYTES) buffered += chunk.toString("latin1");
    conversation.enter("transfer");
    wake();
  };
  const onEnd = (): void => {
    ended = true;
    wake();
  };
  socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  const take: Reader["take"] = async (wanted, expected) => {
    for (;;) {
      const count = wanted(buffered);
      if (count !== undefined) {
        const taken = buffered.slice(0, count);
        buffered = buffered.slice(count);
        return taken;
      }
      const actual = shown(buffered);
      if (buffered.length > MAX_BYTES) throw conversation.failure("body_too_large", { limitBytes: String(MAX_BYTES) });
      if (ended) throw conversation.failure(buffered === "" ? "empty_reply" : "answer_mismatch", { expected, actual });
      const late = await nextChange(conversation.remainingMs() - BEFORE_DEADLINE_MS, (change) => (wake = change));
      if (late && buffered !== "") throw conversation.failure("answer_mismatch", { expected, actual: shown(buffered) });
      if (late) await new Promise(() => undefined);
    }
  };
  return {
    take,
    line: async () => {
      const line = await take((text) => (text.includes("\n") ? text.indexOf("\n") + 1 : undefined), "a line");
      return line.replace(/\r?\n$/, "");
    },
    bytes: async (count) =>
      Buffer.from(await take((text) => (text.length >= count ? count : undefined), `${count} bytes`), "latin1"),
    rest: () => buffered,
    release: () => void socket.off("data", onData).off("end", onEnd).off("close", onEnd),
  };
}

/** True when nothing changed for that long. */
function nextChange(withinMs: number, listen: (change: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), Math.max(0, withinMs));
    listen(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

/** Part of an answer as it can be shown: printable, and not too long. */
export const shown = (text: string): string =>
  text
    .slice(0, SHOWN_CHARACTERS)
    .replace(/[^\x20-\x7e\xa0-\xff]+/g, (odd) => (/^[\r\n\t]+$/.test(odd) ? " " : "·"))
    .trim();
