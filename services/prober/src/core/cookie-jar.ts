interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  /** True where the host itself is meant, and none below it. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
}

const MAX_COOKIES = 100;

/** The cookies of one scenario, by the rules of RFC 6265 that a server can tell apart. */
export interface CookieJar {
  /** Takes what a `Set-Cookie` header says; several are joined by commas. */
  take(url: URL, header: string, nowMs: number): void;
  /** The `Cookie` header for an address; empty for none. */
  header(url: URL): string;
  value(name: string): string | undefined;
  values(): readonly string[];
}

export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>();
  return {
    take: (url, header, nowMs) => {
      // A comma within a date is followed by no name and equals sign.
      for (const each of header.split(/,(?=\s*[^;,=\s]+=)/)) {
        const read = parseCookie(url, each, nowMs);
        if (read === undefined) continue;
        const key = `${read.cookie.host} ${read.cookie.path} ${read.cookie.name}`;
        cookies.delete(key);
        if (read.lives && cookies.size < MAX_COOKIES) cookies.set(key, read.cookie);
      }
    },
    header: (url) =>
      [...cookies.values()]
        .filter((each) => fits(each, url))
        .toSorted((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join("; "),
    value: (name) => [...cookies.values()].findLast((each) => each.name === name)?.value,
    values: () => [...cookies.values()].map(({ value }) => value),
  };
}

function parseCookie(
  url: URL,
  text: string,
  nowMs: number,
): { readonly cookie: Cookie; readonly lives: boolean } | undefined {
  const [pair = "", ...rest] = text.split(";").map((part) => part.trim());
  const at = pair.indexOf("=");
  if (at < 1) return undefined;
  const attributes = new Map(
    rest.map((part) => {
      const [key = "", ...value] = part.split("=");
      return [key.trim().toLowerCase(), value.join("=").trim()];
    }),
  );
  const domain = (attributes.get("domain") ?? "").toLowerCase().replace(/^\./, "");
  // A cookie for somebody else, or for a whole top-level domain, is not taken.
  if (domain !== "" && domain !== url.hostname && !(domain.includes(".") && url.hostname.endsWith(`.${domain}`))) {
    return undefined;
  }
  const path = attributes.get("path") ?? "";
  const cookie = {
    name: pair.slice(0, at),
    value: pair.slice(at + 1),
    host: domain === "" ? url.hostname : domain,
    hostOnly: domain === "",
    path: path.startsWith("/") ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf("/"))),
    secure: attributes.has("secure"),
  };
  return { cookie, lives: livesOn(attributes, nowMs) };
}

function livesOn(attributes: ReadonlyMap<string, string>, nowMs: number): boolean {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) > 0;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) || expires > nowMs;
}

function fits(cookie: Cookie, url: URL): boolean {
  const host = cookie.host === url.hostname || (!cookie.hostOnly && url.hostname.endsWith(`.${cookie.host}`));
  const below = cookie.path.endsWith("/") ? cookie.path : `${cookie.path}/`;
  const path = url.pathname === cookie.path || url.pathname.startsWith(below);
  return host && path && (!cookie.secure || url.protocol === "https:");
}
