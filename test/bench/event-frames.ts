import { get } from "node:http";

export interface EventFrame {
  readonly event: string;
  /** JSON text. */
  readonly data: string;
}

/** Reads an event stream frame by frame until `close`, telling each as it arrives. */
export function readEventFrames(url: string, onFrame: (frame: EventFrame) => void): { close(): void } {
  const request = get(url, { headers: { accept: "text/event-stream" } }, (response) => {
    let rest = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) onFrame(frameOf(block));
    });
    // Closing it from here ends it with an error, which is what was wanted.
    response.on("error", () => undefined);
  });
  request.on("error", () => undefined);
  return { close: () => request.destroy() };
}

function frameOf(block: string): EventFrame {
  const valueOf = (name: string): string =>
    block
      .split("\n")
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trimStart())
      .join("\n");
  return { event: valueOf("event"), data: valueOf("data") };
}
