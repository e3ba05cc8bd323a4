import type { BlackboxModule } from "@sentinel/contracts/config";

const SECRET_KEYS = new Set(["password", "credentials", "bearer_token", "client_secret", "key", "body", "send"]);
const SECRET_HEADER = /authorization|cookie|token|secret|key|password/i;

/** A module as it can be shown: what may be a secret is only said to be there. */
export function shownModule(module: BlackboxModule): string {
  const { prober, timeout } = module;
  const section: unknown = module[prober];
  return JSON.stringify({ prober, timeoutMs: timeout, [prober]: shown(section) }, undefined, 2);
}

function shown(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => shown(each));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, each]) => {
      const hidden = SECRET_KEYS.has(name) || (key === "headers" && SECRET_HEADER.test(name));
      return [name, hidden && typeof each === "string" && each !== "" ? "<secret>" : shown(each, name)];
    });
    return Object.fromEntries(entries);
  }
  return key === "proxy_url" && typeof value === "string" ? value.replace(/\/\/[^/@]*@/, "//<secret>@") : value;
}
