import type { ErrorParams } from "../errors/index.ts";
import { kindOf, SCHEMES } from "./kinds/index.ts";
import { METADATA_HOSTS } from "./metadata-hosts.ts";

/** What is wrong with a target's address as written; what it resolves to is checked when it is dialled. */
export function urlProblem(text: string): { readonly code: string; readonly params: ErrorParams } | undefined {
  const url = URL.parse(text);
  if (url === null) return { code: "bad_url", params: { value: text.slice(0, 200) } };
  const scheme = url.protocol.replace(":", "");
  if (!SCHEMES.includes(scheme)) return { code: "scheme_not_allowed", params: { scheme, allowed: SCHEMES.join(", ") } };
  // The value is not repeated: it holds a password.
  if (url.username !== "" || url.password !== "") return { code: "credentials_in_url", params: { host: url.host } };
  const host = url.hostname.toLowerCase().replace(/\.$/, "");
  if (METADATA_HOSTS.has(host)) return { code: "metadata_host", params: { host } };
  const kind = kindOf(text);
  if (kind === undefined) return undefined;
  const hostNeeded = kind.name !== "dns";
  const whole = (host !== "" || !hostNeeded) && (url.port !== "" || !kind.needsPort);
  if (whole && (kind.addressFits?.(url) ?? true)) return undefined;
  return { code: "address_incomplete", params: { value: text.slice(0, 200), example: kind.example } };
}
