import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Installs Debian's package where the file is missing and this may; a sentence where that does not help. */
export function ensureDebianFile(file: string, debianPackage: string): string | undefined {
  if (existsSync(file)) return undefined;
  const may = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  if (may) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args: string[]): boolean =>
      spawnSync("apt-get", args, { stdio: "ignore", env, timeout: 120_000 }).status === 0;
    const install = ["install", "-y", "-qq", "--no-install-recommends", debianPackage];
    if (!apt(...install) && apt("update", "-qq")) apt(...install);
    if (existsSync(file)) return undefined;
  }
  const tried = may ? " and apt-get could not install it" : "";
  return `${file} is not on this machine${tried} (Debian: apt-get install ${debianPackage})`;
}
