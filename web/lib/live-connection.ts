import type { SseFrame } from "@sentinel/contracts/api";

export interface StreamOptions {
  readonly url: string;
  readonly onFrame: (frame: SseFrame) => void;
  /** The stream broke or fell silent; it is being opened again. */
  readonly onLost: () => void;
  /** The gateway asks for a sign-in; the stream stays closed. */
  readonly onDenied: () => void;
}

export interface Stream {
  close(): void;
}

const FRAME_EVENTS: readonly SseFrame["event"][] = [
  "snapshot",
  "monitor",
  "monitor_removed",
  "incident",
  "timeline",
  "check",
  "totals",
  "config",
  "heartbeat",
];

/** Two heartbeats and a little: silence longer than this is a dead connection that nobody reported. */
const SILENCE_MS = 35_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** The wait before the n-th try in a row (from 0): doubling, capped. */
function retryDelayMs(attempt: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
}

function frameFromGateway(event: SseFrame["event"], data: string): SseFrame {
  return { event, data: JSON.parse(data) };
}

/**
 * One EventSource that never gives up: the browser resumes a broken stream with `Last-Event-ID`; a refused, closed or
 * silent one is opened again with growing waits, at once when the network or the page comes back.
 */
export function openStream(options: StreamOptions): Stream {
  let source: EventSource | undefined;
  let attempt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => reopen(), SILENCE_MS);
  };
  const open = (): void => {
    source = new EventSource(options.url);
    heard();
    for (const event of FRAME_EVENTS) {
      source.addEventListener(event, (message: MessageEvent<string>) => {
        attempt = 0;
        heard();
        options.onFrame(frameFromGateway(event, message.data));
      });
    }
    source.addEventListener("error", () => {
      options.onLost();
      if (source?.readyState === EventSource.CLOSED) void refused();
    });
  };
  const refused = async (): Promise<void> => {
    if (await needsSignIn()) {
      closeAll();
      options.onDenied();
    } else reopen();
  };
  const reopen = (): void => {
    if (closed) return;
    options.onLost();
    source?.close();
    clearTimeout(retry);
    clearTimeout(silence);
    retry = setTimeout(open, retryDelayMs(attempt));
    attempt += 1;
  };
  const hurry = (): void => {
    if (closed || document.visibilityState === "hidden" || source?.readyState !== EventSource.CLOSED) return;
    attempt = 0;
    reopen();
  };
  const closeAll = (): void => {
    closed = true;
    source?.close();
    clearTimeout(retry);
    clearTimeout(silence);
    removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
  };

  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  open();
  return { close: closeAll };
}

/** An EventSource does not tell a status: a plain request to the same gateway does. */
async function needsSignIn(): Promise<boolean> {
  try {
    return (await fetch("/api/v1/status", { headers: { accept: "application/json" } })).status === 401;
  } catch {
    return false;
  }
}
