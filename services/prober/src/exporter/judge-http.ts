import { brotliDecompressSync, gunzipSync, inflateRawSync } from "node:zlib";
import type { BlackboxHttp } from "@sentinel/contracts/config";
import type { ExchangeFacts } from "@sentinel/egress";
import { matchesPattern } from "../core/assertions.ts";
import { failure, type Outcome, type ProbeContext, SUCCESS } from "./context.ts";
import type { LastAnswer } from "./http.ts";
import { setTlsMetrics } from "./tls.ts";

const MAX_DECODED_BYTES = 50_000_000;

interface Read {
  readonly body: Buffer;
  readonly failed: string | undefined;
}

/** Judges the last answer and exports what is known of it, in the order that decides which failure is named. */
export function judgeHttp(last: LastAnswer, http: BlackboxHttp, context: ProbeContext): Outcome {
  const { metrics, log } = context;
  const { facts } = last;
  const { status = 0 } = facts;
  log("Received HTTP response", { status_code: String(status) });
  const judged: Outcome[] = [judgeStatus(status, http)];
  const well = (): boolean => judged.every(({ success }) => success);
  const note = (outcome: Outcome): void => void judged.push(outcome);
  if (well()) note(judgeHeaders(facts, http, context));
  const read = last.cut ? { body: Buffer.alloc(0), failed: undefined } : readOf(last, http);
  if (well()) note(judgeBody(read, http, context));
  if (read.failed !== undefined) note(failure(read.failed));
  const version = facts.httpVersion ?? "";
  const asWritten = `HTTP/${version === "2" ? "2.0" : version}`;
  if (http.valid_http_versions.length > 0 && !http.valid_http_versions.includes(asWritten)) note(failure("assertion"));
  if (facts.tls === undefined ? http.fail_if_not_ssl : http.fail_if_ssl) note(failure("assertion"));
  metrics.set("probe_http_status_code", status);
  metrics.set("probe_http_version", Number(version) || 0);
  metrics.set("probe_http_content_length", contentLength(facts, http.method));
  metrics.set("probe_http_uncompressed_body_length", read.body.length);
  const modified = lastModified(facts);
  if (modified !== undefined) metrics.set("probe_http_last_modified_timestamp_seconds", modified);
  if (facts.tls !== undefined) {
    metrics.set("probe_http_ssl", 1);
    setTlsMetrics(context, facts.tls);
  }
  return judged.find(({ success }) => !success) ?? SUCCESS;
}

function judgeStatus(status: number, { valid_status_codes: valid }: BlackboxHttp): Outcome {
  const fits = valid.length > 0 ? valid.includes(status) : status >= 200 && status < 300;
  return fits ? SUCCESS : failure("status");
}

function judgeHeaders({ headers }: ExchangeFacts, http: BlackboxHttp, { metrics, log }: ProbeContext): Outcome {
  const { fail_if_header_matches: without, fail_if_header_not_matches: needed } = http;
  if (without.length + needed.length === 0) return SUCCESS;
  const fits = (rule: (typeof without)[number], wanted: boolean): boolean => {
    const value = headers[rule.header.toLowerCase()];
    if (value === undefined) return rule.allow_missing;
    return matchesPattern(rule.regexp, value) === wanted;
  };
  const wrong = without.find((rule) => !fits(rule, false)) ?? needed.find((rule) => !fits(rule, true));
  metrics.set("probe_failed_due_to_regex", wrong === undefined ? 0 : 1);
  if (wrong === undefined) return SUCCESS;
  log("A header does not fit", { header: wrong.header, regexp: wrong.regexp });
  return failure("assertion");
}

function judgeBody(read: Read, http: BlackboxHttp, { metrics, log }: ProbeContext): Outcome {
  const { fail_if_body_matches_regexp: without, fail_if_body_not_matches_regexp: needed } = http;
  if (without.length + needed.length === 0) return SUCCESS;
  const text = new TextDecoder().decode(read.body);
  const wrong =
    without.find((each) => matchesPattern(each, text)) ?? needed.find((each) => !matchesPattern(each, text));
  const fits = wrong === undefined && read.failed === undefined;
  metrics.set("probe_failed_due_to_regex", fits ? 0 : 1);
  if (fits) return SUCCESS;
  log("The body does not fit", { regexp: wrong ?? "" });
  return failure(read.failed ?? "body_mismatch");
}

/** The body as the module asks for it: decoded where it names a coding, and cut at its limit. */
function readOf({ facts, failed }: LastAnswer, http: BlackboxHttp): Read {
  const wire = Buffer.from(facts.body);
  const limit = http.body_size_limit ?? MAX_DECODED_BYTES;
  // What is kept ends before the piece that was too much; as much as the limit did come.
  if (failed !== undefined) return { body: failed === "body_too_large" ? Buffer.alloc(limit) : wire, failed };
  const body = decode(wire, http.compression, limit);
  if (body === undefined) return { body: Buffer.alloc(0), failed: "protocol" };
  return body.length > limit ? { body: body.subarray(0, limit), failed: "body_too_large" } : { body, failed };
}

function decode(wire: Buffer, coding: BlackboxHttp["compression"], limit: number): Buffer | undefined {
  const options = { maxOutputLength: limit + 1 };
  try {
    if (coding === "gzip") return gunzipSync(wire, options);
    if (coding === "br") return brotliDecompressSync(wire, options);
    return coding === "deflate" ? inflateRawSync(wire, options) : wire;
  } catch (thrown) {
    const tooLarge = thrown instanceof Error && "code" in thrown && thrown.code === "ERR_BUFFER_TOO_LARGE";
    return tooLarge ? Buffer.alloc(limit + 1) : undefined;
  }
}

/** What the head says, and -1 where it says nothing. */
function contentLength({ status = 0, headers }: ExchangeFacts, method: string): number {
  const given = headers["content-length"];
  if ((status === 204 || status === 304) && method !== "HEAD") return 0;
  if (headers["transfer-encoding"]?.toLowerCase() === "chunked" || given === undefined) return -1;
  return /^\d+$/.test(given) ? Number(given) : -1;
}

function lastModified({ headers }: ExchangeFacts): number | undefined {
  const ms = Date.parse(headers["last-modified"] ?? "");
  return Number.isNaN(ms) ? undefined : ms / 1000;
}
