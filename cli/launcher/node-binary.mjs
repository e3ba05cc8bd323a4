import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LaunchFailure, say } from "./say.mjs";

const WANTED_MAJOR = 24;

/**
 * The Node that runs everything: the one that came with the packages, else the present one when it is new enough.
 * @throws LaunchFailure where neither runs on this machine
 */
export function findNode(root, { platform, arch, execPath, versions } = process) {
  const bundled = join(root, "node_modules", `node-${platform}-${arch}`, "bin", "node");
  const own = Number(versions.node.split(".")[0]) >= WANTED_MAJOR ? execPath : undefined;
  if (!existsSync(bundled)) {
    if (own !== undefined) return own;
    throw new LaunchFailure(say("no_node", { platform: `${platform}-${arch}` }));
  }
  // A machine with another C library (Alpine) has the file and cannot run it.
  const tried = spawnSync(bundled, ["--version"], { encoding: "utf8" });
  if (tried.status === 0) return bundled;
  if (own !== undefined) return own;
  throw new LaunchFailure(say("node_broken", { reason: tried.error?.code ?? firstLine(tried.stderr) }));
}

/** Whether installing can lead anywhere on this machine; asked before the packages are fetched. */
export function canHaveNode({ platform, arch, versions } = process) {
  if (Number(versions.node.split(".")[0]) >= WANTED_MAJOR) return platform === "linux" || platform === "darwin";
  return platform === "linux" && (arch === "x64" || arch === "arm64");
}

function firstLine(text) {
  return (text ?? "").trim().split("\n")[0] || "no output";
}
