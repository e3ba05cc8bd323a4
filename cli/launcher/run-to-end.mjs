import { spawn } from "node:child_process";
import { constants } from "node:os";
import { LaunchFailure, say } from "./say.mjs";

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Runs a program on this terminal, passes signals on, and gives its exit code (128 + n after signal n). */
export function runToEnd(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: "inherit" });
    const stop = forwardSignals(child);
    child.on("error", (error) => {
      stop();
      reject(new LaunchFailure(say("cannot_run", { program, reason: error.code ?? error.message })));
    });
    child.on("exit", (code, signal) => {
      stop();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Passes signals on until the returned function is called. */
export function forwardSignals(child) {
  // Ctrl-C reaches the whole foreground group, the child too; a second one would read as "end at once".
  const groupGetsIt = (signal) => signal === "SIGINT" && process.stdin.isTTY === true;
  const forward = (signal) => {
    if (!groupGetsIt(signal)) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
}
