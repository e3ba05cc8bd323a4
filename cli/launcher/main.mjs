import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./install.mjs";
import { findNode } from "./node-binary.mjs";
import { runToEnd } from "./run-to-end.mjs";
import { runTests } from "./run-tests.mjs";
import { LaunchFailure, say } from "./say.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const jest = ["--experimental-vm-modules", "--no-warnings", join(root, "node_modules/jest/bin/jest.js")];

/** Runs one launcher command and gives the exit code; every failure is one sentence on stderr. */
export async function main(argv) {
  // Whoever reads may go away first, as `head` does.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  try {
    return await dispatch(argv);
  } catch (error) {
    if (!(error instanceof LaunchFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

async function dispatch([command, ...args]) {
  const task = taskOf(command, args);
  await ensureInstalled(root);
  const node = findNode(root);
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ""}` };
  return task({ root, node, env });
}

function taskOf(command, args) {
  if (command === "start") {
    return ({ node, env }) => runToEnd(node, [join(root, "cli/src/main.ts"), "up", ...args], { env });
  }
  if (command === "test") {
    return async ({ node, env }) => {
      // Once and before all tests: those that start the product would otherwise wait for it within their limits.
      const built = await runToEnd(node, [join(root, "cli/src/main.ts"), "build-dashboard"], { cwd: root, env });
      return built === 0 ? runTests(node, [...jest, ...args], { cwd: root, env }) : built;
    };
  }
  const [target, ...rest] = args;
  if (command === "run" && target === "jest") {
    return ({ node, env }) => runToEnd(node, [...jest, ...rest], { cwd: root, env });
  }
  if (command === "run" && /\.m?[jt]s$/.test(target ?? "")) {
    return ({ node, env }) => runToEnd(node, [target, ...rest], { cwd: root, env });
  }
  throw new LaunchFailure(say("usage"), 2);
}
