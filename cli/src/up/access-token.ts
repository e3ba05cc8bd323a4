import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "@sentinel/service-kit";
import type { UpOptions } from "./options.ts";

export interface Access {
  /** SHA-256 in hex; undefined when no token is asked for. */
  readonly tokenHash: string | undefined;
  /** Set once, when it was made: it is stored as a hash only. */
  readonly newToken: string | undefined;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Nobody but this machine reaches loopback; on any other address a token is demanded. */
export async function accessFor(
  { host, dataDir }: Pick<UpOptions, "host" | "dataDir">,
  random: Random,
): Promise<Access> {
  if (LOOPBACK.test(host)) return { tokenHash: undefined, newToken: undefined };
  const file = join(dataDir, "access-token.sha256");
  const stored = (await readFile(file, "utf8").catch(() => "")).trim();
  if (/^[0-9a-f]{64}$/.test(stored)) return { tokenHash: stored, newToken: undefined };
  const newToken = `sen_${Buffer.from(random.bytes(24)).toString("base64url")}`;
  const tokenHash = createHash("sha256").update(newToken).digest("hex");
  await writeFile(file, `${tokenHash}\n`, { mode: 0o600 });
  return { tokenHash, newToken };
}
