// Simulates one world after the other, as it is asked, in a thread that can be ended from outside.
import { parentPort } from "node:worker_threads";
import { PLANTS } from "./plants.ts";
import { simulate } from "./simulate.ts";
import type { Job } from "./worlds.ts";

// Nobody reads the stacks of the failures that a world makes by the thousand, and they are dear.
Error.stackTraceLimit = 0;

parentPort?.on("message", ({ seed, plant }: Job) => {
  const planted = plant === undefined ? undefined : PLANTS[plant];
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void simulate(seed, planted).then((outcome) => parentPort?.postMessage(outcome));
});
