import type { LoopbackProxy } from "@sentinel/egress";
import type { Page } from "playwright-core";
import type { PageWatch } from "./page-watch.ts";
import { isTimeout, messageOf, oneLine, shortly, StepFailed } from "./run-step.ts";

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/ERR_CERT_DATE_INVALID/, "tls_expired"],
  [/ERR_CERT_COMMON_NAME_INVALID/, "tls_hostname"],
  [/ERR_CERT_AUTHORITY_INVALID/, "tls_untrusted"],
  [/ERR_SSL_(VERSION|OBSOLETE)/, "tls_old_version"],
  [/ERR_SSL_PROTOCOL_ERROR/, "tls_wrong_version"],
  [/ERR_(SSL|CERT)/, "tls_handshake"],
  [/ERR_EMPTY_RESPONSE|ERR_CONNECTION_CLOSED/, "empty_reply"],
  [/ERR_CONNECTION_RESET/, "reset"],
  [/ERR_CONTENT_LENGTH_MISMATCH|ERR_INCOMPLETE_CHUNKED_ENCODING/, "truncated"],
  [/ERR_INVALID_HTTP_RESPONSE|ERR_INVALID_CHUNKED_ENCODING|ERR_RESPONSE_HEADERS/, "protocol"],
  [/ERR_TOO_MANY_REDIRECTS/, "too_many_redirects"],
];

interface OpenWay {
  readonly page: Page;
  readonly watch: PageWatch;
  readonly proxy: LoopbackProxy;
  readonly leftMs: () => number;
}

/**
 * Loads an address; an answer that is no success has failed.
 * @param until "load" waits for pictures and all; "domcontentloaded" leaves waiting to the steps.
 * @throws StepFailed
 */
export async function openPage(url: string, until: "load" | "domcontentloaded", way: OpenWay): Promise<void> {
  const { page, watch } = way;
  const host = whereOf(url);
  let answered = false;
  const note = (): void => {
    answered = true;
  };
  page.on("response", note);
  try {
    await page.goto(url, { waitUntil: until, timeout: Math.max(1, way.leftMs()) });
  } catch (thrown) {
    throw await failureOf(thrown, way, host, answered);
  } finally {
    page.off("response", note);
  }
  const status = watch.status();
  if (status !== undefined && (status < 200 || status > 299)) {
    throw new StepFailed("status", { expected: "2xx", actual: String(status) });
  }
}

interface Where {
  readonly host: string;
  readonly port: string;
}

/** Before anything else counts what our own way out found: the browser only sees that it was refused. */
async function failureOf(
  thrown: unknown,
  { page, watch, proxy }: OpenWay,
  asked: Where,
  answered: boolean,
): Promise<StepFailed> {
  const message = messageOf(thrown);
  const at = whereOf(/at (https?:\/\/\S+)/.exec(message)?.[1] ?? "") ?? asked;
  const way = proxy.failure(`${at.host}:${at.port}`) ?? proxy.failure(`${asked.host}:${asked.port}`);
  if (way !== undefined && !answered) return new StepFailed(way.reason, way.params);
  if (watch.downloads() > 0 || /Download is starting/.test(message)) return new StepFailed("page_download");
  if (isTimeout(thrown)) {
    if (watch.dialogs() > MANY_DIALOGS) return new StepFailed("page_dialogs", { count: String(watch.dialogs()) });
    if (answered && !(await shortly(page.evaluate("true").then(Boolean), false))) return new StepFailed("page_hangs");
    return new StepFailed(answered ? "timeout_in_transfer" : "timeout_in_first_byte", { ...at });
  }
  const known = REASONS.find(([pattern]) => pattern.test(message))?.[1];
  if (known !== undefined) return new StepFailed(known, { ...at });
  const detail = oneLine(/net::(\S+)/.exec(message)?.[1] ?? message.split("\n")[0] ?? "");
  return new StepFailed("page_not_opened", { url: page.url(), detail });
}

const MANY_DIALOGS = 20;
/** Over all connections of a journey. */
export const MAX_JOURNEY_BYTES = 50_000_000;

function whereOf(url: string): Where {
  const parsed = URL.parse(url);
  const usual = parsed?.protocol === "https:" ? "443" : "80";
  return { host: parsed?.hostname ?? "", port: parsed?.port || usual };
}
