import type { FieldProblem } from "../errors/index.ts";
import type { MaintenanceWindow, MonitorSpec } from "../generated/sentinel/monitors/v1/monitors.ts";

/** A secret value: never in JSON, logs or errors; `reveal()` is for the moment of use only. */
export class Secret {
  readonly #value: string;
  /** The name it was given under, such as the environment variable. */
  readonly name: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `[secret ${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export type ChannelConfig =
  | { readonly type: "webhook"; readonly name: string; readonly url: Secret; readonly secret: Secret | undefined }
  | { readonly type: "slack"; readonly name: string; readonly url: Secret }
  | {
      readonly type: "smtp";
      readonly name: string;
      readonly host: string;
      readonly port: number;
      /** "none", "starttls" or "tls". */
      readonly security: "none" | "starttls" | "tls";
      readonly user: string | undefined;
      readonly password: Secret | undefined;
      readonly from: string;
      readonly to: readonly string[];
      readonly locale: "en" | "fr" | undefined;
    };

/** What `sentinel.yaml` says, parsed. */
export interface SentinelConfig {
  readonly monitors: readonly MonitorSpec[];
  readonly channels: readonly ChannelConfig[];
  readonly maintenance: readonly MaintenanceWindow[];
}

/** A broken file gives every problem at once and no configuration. */
export type ParsedConfig =
  | { readonly ok: true; readonly config: SentinelConfig }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };
