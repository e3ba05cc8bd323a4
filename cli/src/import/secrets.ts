import type { EndpointDraft } from "./draft.ts";
import type { Ledger } from "./ledger.ts";

const SECRET_WORD = /auth|cookie|token|secret|passw|pwd|api[-_]?key|credential|signature/i;

/** True for names of headers and parameters whose values nobody should read. */
const soundsSecret = (name: string): boolean => SECRET_WORD.test(name) || /^(?:x-)?key$/i.test(name);

/** Puts a header into the draft, its value as a reference where it may be a secret. */
export function addHeader(
  draft: EndpointDraft,
  path: string,
  name: string,
  value: string,
  monitor: string,
  ledger: Ledger,
): void {
  const to = `headers.${name}`;
  if (soundsSecret(name) || value.includes("${")) {
    draft.headers[name] = ledger.secret(path, to, `${monitor} ${name}`, value);
    return;
  }
  draft.headers[name] = value;
  ledger.mapped(path, to);
}

/**
 * The address without what only its owner should know: user and password become an option, parameters that sound secret
 * are left out, since an address cannot name secrets.
 */
export function safeUrl(draft: EndpointDraft, path: string, text: string, monitor: string, ledger: Ledger): string {
  const url = URL.parse(text);
  if (url === null) {
    ledger.mapped(path, "url");
    return text;
  }
  const dropped = [...new Set([...url.searchParams.keys()].filter(soundsSecret))];
  const { username, password } = url;
  if (username === "" && password === "" && dropped.length === 0 && !text.includes("${")) {
    ledger.mapped(path, "url");
    return text;
  }
  for (const name of dropped) url.searchParams.delete(name);
  url.username = "";
  url.password = "";
  if (dropped.length > 0) ledger.changed(path, "url", "parameters_left_out", { names: dropped.join(", ") });
  if (username !== "" || password !== "") {
    const reference = ledger.secret(path, "http.auth.basic", `${monitor} password`, decodeURIComponent(password));
    draft.http["auth"] = { basic: { user: decodeURIComponent(username), password: reference } };
  }
  return url.href;
}

/** A body as it is, or as a reference where it seems to hold a secret. */
export function safeBody(path: string, body: string, monitor: string, ledger: Ledger): string {
  if (SECRET_WORD.test(body) || body.includes("${")) return ledger.secret(path, "http.body", `${monitor} body`, body);
  ledger.mapped(path, "http.body");
  return body;
}
