/** The head of an answer of the plainest kind. */
export interface SimpleHead {
  readonly status: number;
  readonly httpVersion: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of its body; undefined for one that lasts until the connection ends. */
  readonly bodyBytes: number | undefined;
}

const STATUS_LINE = /^HTTP\/(1\.[01]) ([2-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const HEADER =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?[\t ]*$/;
const LENGTH = /^\d{1,12}$/;
/** What changes how the rest is read. */
const TURNS = new Set(["transfer-encoding", "content-encoding", "upgrade", "trailer"]);

/**
 * Reads a head, without the empty line at its end, that leaves nothing to interpret. Undefined for every other: whether
 * that is an answer at all is for a whole parser to say.
 */
export function readSimpleHead(head: string, method: string): SimpleHead | undefined {
  const lines = head.split("\r\n");
  const [, httpVersion, code] = STATUS_LINE.exec(lines[0] ?? "") ?? [];
  if (httpVersion === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (let i = 1; i < lines.length; i += 1) {
    const [, name = "", value = ""] = HEADER.exec(lines[i] ?? "") ?? [];
    const lower = name.toLowerCase();
    if (lower === "" || TURNS.has(lower)) return undefined;
    const before = headers[lower];
    if (before !== undefined && lower !== "set-cookie") return undefined;
    headers[lower] = before === undefined ? value : `${before}, ${value}`;
  }
  const status = Number(code);
  const length = headers["content-length"];
  if (length !== undefined && !LENGTH.test(length)) return undefined;
  const none = method === "HEAD" || status === 204 || status === 304;
  return { status, httpVersion, headers, bodyBytes: none ? 0 : length === undefined ? undefined : Number(length) };
}
