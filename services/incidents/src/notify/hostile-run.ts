import { type ChannelConfig, Secret } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Egress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { HTTP_PORT, runHostileSuite, type WayOut } from "@sentinel/testkit";
import type { Notification } from "../core/types.ts";
import { createChannels } from "./channels.ts";

const TIMEOUT_MS = 1000;

const notification: Notification = {
  id: "1:x",
  channel: "x",
  kind: "test",
  incident: undefined,
  atMs: 0,
  attempt: 0,
  possibleDuplicate: false,
  link: "",
  traceparent: "",
};

const url = (host: string): Secret => new Secret("HOOK_URL", `http://${host}/`);
const mail = (host: string, security: "none" | "tls"): ChannelConfig => ({
  type: "smtp",
  name: "x",
  host: host.replaceAll(/[[\]]/g, ""),
  port: security === "tls" ? 465 : 25,
  security,
  user: undefined,
  password: undefined,
  from: "sentinel@shop.example",
  to: ["ada@shop.example"],
  locale: undefined,
});

const CHANNELS: Readonly<Record<string, (host: string) => ChannelConfig>> = {
  webhook: (host) => ({ type: "webhook", name: "x", url: url(host), secret: undefined }),
  slack: (host) => ({ type: "slack", name: "x", url: url(host) }),
  mail: (host) => mail(host, "none"),
  "mail by TLS": (host) => mail(host, "tls"),
};

async function outcomeOf(config: ChannelConfig, egress: Egress): Promise<string> {
  const channels = createChannels({ channels: [config], egress, locale: "en", clock: systemClock });
  try {
    await channels.get("x")?.send(notification, AbortSignal.timeout(TIMEOUT_MS));
    return "sent";
  } catch (thrown) {
    return SentinelError.from(thrown).code;
  }
}

const ways = Object.entries(CHANNELS).map(([name, configFor]): WayOut => ({
  name,
  port: name.startsWith("mail") ? 25 : HTTP_PORT,
  speaksHttp: !name.startsWith("mail"),
  go: (host, egress) => outcomeOf(configFor(host), egress),
}));

process.stdout.write(JSON.stringify(await runHostileSuite(ways)));
