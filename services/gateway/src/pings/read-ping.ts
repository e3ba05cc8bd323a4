import { PingKind } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";

/** Who calls, and what for. */
export interface PingAddress {
  readonly token: string;
  /** Empty where the token is that of a monitor. */
  readonly slug: string;
  readonly kind: PingKind;
  readonly exitCode: string;
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const MOST_CODE = 255;
const WORDS: Readonly<Record<string, PingKind>> = {
  start: PingKind.START,
  fail: PingKind.FAIL,
  log: PingKind.LOG,
};

/**
 * Reads what follows "/ping/", in the forms of Healthchecks: a token, or a key and a slug, then nothing, "start", "fail",
 * "log" or an exit code. @throws SentinelError `ping_malformed` {part}
 */
export function readPing(parts: readonly string[]): PingAddress {
  const [token = "", second, third, ...more] = parts;
  if (more.length > 0) throw malformed(more.join("/"));
  if (third !== undefined) return { token, slug: second ?? "", ...readEnd(third) };
  if (second === undefined) return { token, slug: "", ...readEnd("") };
  // A token that is none of ours may be of any form; its monitor is called with one of the words behind it as well.
  const isEnd = UUID.test(token) || second in WORDS;
  return isEnd ? { token, slug: "", ...readEnd(second) } : { token, slug: second, ...readEnd("") };
}

function readEnd(text: string): Pick<PingAddress, "kind" | "exitCode"> {
  if (text === "") return { kind: PingKind.SUCCESS, exitCode: "" };
  const kind = Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
  if (kind !== undefined) return { kind, exitCode: "" };
  if (!/^\d{1,3}$/.test(text) || Number(text) > MOST_CODE) throw malformed(text);
  return Number(text) === 0
    ? { kind: PingKind.SUCCESS, exitCode: "" }
    : { kind: PingKind.FAIL, exitCode: String(Number(text)) };
}

const malformed = (text: string): SentinelError =>
  new SentinelError("ping_malformed", { part: `/${text.slice(0, 40)}` });

/** The run that `rid` names. @throws SentinelError `ping_malformed` {part} */
export function readRunId(rid: unknown): string {
  if (rid === undefined || rid === "") return "";
  if (typeof rid !== "string" || !UUID.test(rid)) throw new SentinelError("ping_malformed", { part: "rid" });
  return rid.toLowerCase();
}
