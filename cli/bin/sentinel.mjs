#!/usr/bin/env node
// `npx sentinel`: the command line under the Node that Sentinel is written for, whichever Node was called.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNode } from "../launcher/node-binary.mjs";
import { runToEnd } from "../launcher/run-to-end.mjs";
import { LaunchFailure } from "../launcher/say.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

try {
  const node = findNode(root);
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ""}` };
  process.exitCode = await runToEnd(node, [join(root, "cli/src/main.ts"), ...process.argv.slice(2)], { env });
} catch (error) {
  if (!(error instanceof LaunchFailure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
