import { fillSecrets } from "@sentinel/contracts/config";
import type { TlsOptions } from "@sentinel/contracts";
import type { TlsSettings } from "@sentinel/egress";
import type { SecretSource } from "../core/secrets.ts";
import { Unchecked } from "./probe.ts";

/** The text with the secrets that it names. @throws Unchecked `secret_missing` with the name of one that is not set. */
export function reveal(text: string, secret: SecretSource): string {
  const filled = fillSecrets(text, secret);
  if (filled.ok) return filled.text;
  throw new Unchecked("secret_missing", { name: filled.missing });
}

/**
 * How to secure a connection; undefined for a plain one.
 * @param usual whether connections of this kind and address are secured when nothing is said.
 */
export function tlsSettings(
  options: TlsOptions | undefined,
  usual: boolean,
  secret: SecretSource,
): TlsSettings | undefined {
  if (!(options?.enabled ?? usual)) return undefined;
  if (options === undefined) return { protocols: [] };
  const text = (value: string) => (value === "" ? undefined : reveal(value, secret));
  const [serverName, authorities, certificate, key] = [
    text(options.serverName),
    text(options.authorities),
    text(options.certificate),
    text(options.key),
  ];
  return {
    skipVerify: options.skipVerify,
    protocols: [],
    ...(serverName === undefined ? {} : { serverName }),
    ...(authorities === undefined ? {} : { authorities }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(options.minVersion === "" ? {} : { minVersion: options.minVersion }),
  };
}
