import { createHash } from "node:crypto";
import { type ChannelConfig, type Secret } from "@sentinel/contracts/config";
import type { Locale } from "@sentinel/contracts/text";
import type { Egress } from "@sentinel/egress";
import type { Clock } from "@sentinel/service-kit";
import type { Send } from "../core/types.ts";
import { createSlackSend } from "./slack.ts";
import { createSmtpSend } from "./smtp.ts";
import { createWebhookSend } from "./webhook.ts";

/** One configured way to tell people, ready to send. */
export interface Channel {
  readonly config: ChannelConfig;
  /** Host only; never a path, a token or a secret. */
  readonly target: string;
  /** Name and fingerprint of the secret, such as "WEBHOOK_SECRET (a1b2c3)"; empty when it has none. */
  readonly secret: string;
  /** @throws SentinelError `notify_failed` {channel, reason, retryable: "true" or "false", status?} */
  readonly send: Send;
}

interface ChannelDeps {
  readonly egress: Egress;
  /** Of the words, where a channel names no language of its own. */
  readonly locale: Locale;
  readonly clock: Clock;
}

/** The channels of a configuration, by name. */
export function createChannels(
  options: ChannelDeps & { readonly channels: readonly ChannelConfig[] },
): ReadonlyMap<string, Channel> {
  return new Map(options.channels.map((config) => [config.name, channelOf(config, options)]));
}

function channelOf(config: ChannelConfig, deps: ChannelDeps): Channel {
  switch (config.type) {
    case "webhook": {
      const send = createWebhookSend({ ...deps, config });
      return { config, target: hostOf(config.url), secret: fingerprintOf(config.secret), send };
    }
    case "slack": {
      const send = createSlackSend({ ...deps, config });
      return { config, target: hostOf(config.url), secret: fingerprintOf(config.url), send };
    }
    default: {
      const send = createSmtpSend({ ...deps, config });
      return { config, target: config.host, secret: fingerprintOf(config.password), send };
    }
  }
}

const hostOf = (url: Secret): string => URL.parse(url.reveal())?.host ?? "";

/** Six hex digits of SHA-256: enough to tell two secrets apart, too little to guess one. */
function fingerprintOf(secret: Secret | undefined): string {
  if (secret === undefined) return "";
  return `${secret.name} (${createHash("sha256").update(secret.reveal()).digest("hex").slice(0, 6)})`;
}
