import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface FanoutResult {
  readonly clients: number;
  readonly frames: number;
  /** Clients whose ids had a hole: frames they never got. */
  readonly withGaps: number;
  readonly withoutSnapshot: number;
}

/** Holds `clients` event streams open for `forMs` and counts what each received. */
export async function sseFanout(url: string, clients: number, forMs: number): Promise<FanoutResult> {
  let frames = 0;
  let withGaps = 0;
  let withoutSnapshot = 0;
  const closers = Array.from({ length: clients }, () => {
    let last = -1;
    let gap = false;
    let snapshot = false;
    let rest = "";
    const request = get(`${url}/api/v1/events`, { headers: { accept: "text/event-stream" } }, (response) => {
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const id = /^id: .*-(\d+)$/m.exec(block)?.[1];
          if (block.includes("event: snapshot")) snapshot = true;
          if (id === undefined) continue;
          frames += 1;
          if (last >= 0 && Number(id) < last) gap = true;
          last = Number(id);
        }
      });
      response.on("error", () => undefined);
    });
    request.on("error", () => undefined);
    return () => {
      request.destroy();
      if (gap) withGaps += 1;
      if (!snapshot) withoutSnapshot += 1;
    };
  });
  await sleep(forMs);
  for (const close of closers) close();
  return { clients, frames, withGaps, withoutSnapshot };
}
