import { z } from "zod";
import { issue } from "./problem.ts";
import { type ChannelConfig, Secret } from "./types.ts";

/** What `${NAME}` may stand for; read where the process starts. */
export type Environment = Readonly<Record<string, string | undefined>>;

const ENV = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** A secret field: a literal, or `${NAME}` taken from the environment. */
const secret = (env: Environment, field: string) =>
  z
    .string()
    .min(1)
    .transform((text, context) => {
      const name = ENV.exec(text)?.[1];
      if (name === undefined) return new Secret(field, text);
      const value = env[name];
      if (value === undefined || value === "") {
        context.addIssue({ code: "custom", ...issue("missing_env", { name }) });
        return z.NEVER;
      }
      return new Secret(name, value);
    });

const secretUrl = (env: Environment) =>
  secret(env, "url").superRefine((value, context) => {
    const url = URL.parse(value.reveal());
    if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
      context.addIssue({ code: "custom", ...issue("bad_channel_url", { name: value.name }) });
    } else if (url.username !== "" || url.password !== "") {
      context.addIssue({ code: "custom", ...issue("credentials_in_url", { host: url.host }) });
    }
  });

const address = z.string().superRefine((value, context) => {
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(value)) context.addIssue({ code: "custom", ...issue("bad_email", { value }) });
});

/** The forms of a channel, by type. */
export function channelSchema(env: Environment) {
  return z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("webhook"), url: secretUrl(env), secret: secret(env, "secret").optional() }),
    z.strictObject({ type: z.literal("slack"), url: secretUrl(env) }),
    z.strictObject({
      type: z.literal("smtp"),
      host: z.string().min(1),
      port: z.int().min(1).max(65_535).default(587),
      security: z.enum(["none", "starttls", "tls"]).default("starttls"),
      user: z.string().min(1).optional(),
      password: secret(env, "password").optional(),
      from: address,
      to: z.union([address, z.array(address).min(1).max(20)]),
      locale: z.enum(["en", "fr"]).optional(),
    }),
  ]);
}

export const CHANNEL_KEYS = [
  "type",
  "url",
  "secret",
  "host",
  "port",
  "security",
  "user",
  "password",
  "from",
  "to",
  "locale",
];
/** Fields of a channel in which `${NAME}` is allowed. */
export const SECRET_KEYS: readonly string[] = ["url", "secret", "password"];

export function toChannel(name: string, input: z.output<ReturnType<typeof channelSchema>>): ChannelConfig {
  switch (input.type) {
    case "webhook":
      return { type: "webhook", name, url: input.url, secret: input.secret };
    case "slack":
      return { type: "slack", name, url: input.url };
    case "smtp":
      return {
        type: "smtp",
        name,
        host: input.host,
        port: input.port,
        security: input.security,
        user: input.user,
        password: input.password,
        from: input.from,
        to: typeof input.to === "string" ? [input.to] : input.to,
        locale: input.locale,
      };
  }
}
