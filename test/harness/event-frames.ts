import { get } from "node:http";

export interface EventFrame {
  /** Empty when it has none, and cannot be resumed from. */
  readonly id: string;
  readonly event: string;
  /** JSON text. */
  readonly data: string;
}

export interface EventReader {
  close(): void;
}

/**
 * Reads an event stream frame by frame, telling each as it arrives; `onEnd` is told why it ended, unless `close` was
 * called before.
 */
export function readEventFrames(
  url: string,
  onFrame: (frame: EventFrame) => void,
  onEnd: (reason: string) => void = () => undefined,
): EventReader {
  let over = false;
  const end = (reason: string): void => {
    if (!over) onEnd(reason);
    over = true;
  };
  const request = get(url, { headers: { accept: "text/event-stream" }, agent: false }, (response) => {
    if (response.statusCode !== 200) end(`status ${response.statusCode}`);
    let rest = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) onFrame(frameOf(block));
    });
    response.on("error", (error) => end(error.message));
    response.on("end", () => end("ended by the server"));
  });
  request.on("error", (error) => end(error.message));
  return {
    close: () => {
      over = true;
      request.destroy();
    },
  };
}

function frameOf(block: string): EventFrame {
  const found = { id: "", event: "", data: "" };
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    if (name === "id" || name === "event" || name === "data") found[name] += value;
  }
  return found;
}
