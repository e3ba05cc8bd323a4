import { setTimeout as realSleep } from "node:timers/promises";
import { systemClock } from "@sentinel/service-kit";
import { clockContract } from "./clock-contract.ts";
import { VirtualClock } from "./virtual-clock.ts";

clockContract("system", () => ({ clock: systemClock, pass: (ms) => realSleep(ms + 1) }));

clockContract("virtual", () => {
  const clock = new VirtualClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});
