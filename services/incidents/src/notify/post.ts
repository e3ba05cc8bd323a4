import type { Egress } from "@sentinel/egress";
import { judgeBroken, judgeStatus, notifyFailed } from "./failure.ts";

const TIMEOUT_MS = 10_000;
/** Of the answer nothing but the status is used. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Posts JSON; any 2xx is success and a redirect is not followed. @throws SentinelError `notify_failed` */
export async function postJson(
  egress: Egress,
  request: {
    readonly channel: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const failure = await egress
    .request({
      url: request.url,
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Sentinel", ...request.headers },
      body: request.body,
      timeoutMs: TIMEOUT_MS,
      maxBodyBytes: MAX_ANSWER_BYTES,
      signal: request.signal,
    })
    .then(
      (response) => judgeStatus(response.status),
      (thrown: unknown) => judgeBroken(thrown, request.signal),
    );
  if (failure !== undefined) throw notifyFailed(request.channel, failure);
}

/** W3C trace context, where there is one. */
export const traceHeaders = (traceparent: string): Readonly<Record<string, string>> =>
  traceparent === "" ? {} : { traceparent };
