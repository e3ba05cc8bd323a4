import { expect, test } from "@jest/globals";
import { Verdict } from "@sentinel/contracts";
import { judgeOurselves, type Signs } from "./judge-ourselves.ts";

const WELL: Signs = {
  stalledMs: 0,
  loopback: "",
  resolver: "answers",
  neighbours: { asked: 8, reached: 8 },
  hasNetwork: true,
  clockIsOff: false,
};
const round = (reason: string, named = true) => ({ verdict: Verdict.DOWN, reason, named, isLoopback: false });
const NOBODY = { asked: 8, reached: 0 };

test.each<[string, string, Partial<Signs>, string]>([
  ["a time-out while the process stood still", "timeout_in_connect", { stalledMs: 5000 }, "prober_blocked"],
  [
    "anything of the network while we cannot reach ourselves",
    "reset",
    { loopback: "timeout_in_connect" },
    "prober_canary",
  ],
  ["it, with what we are out of", "reset", { loopback: "prober_descriptors" }, "prober_descriptors"],
  ["a lookup while the resolver is silent", "timeout_in_dns", { resolver: "silent" }, "prober_resolver"],
  ["a name that is denied while others are", "dns_nxdomain", { resolver: "lies" }, "prober_resolver_lies"],
  ["what answers at a wrong address", "tls_hostname", { resolver: "lies" }, "prober_resolver_lies"],
  ["silence where nobody is reached", "timeout_in_connect", { neighbours: NOBODY }, "prober_cut_off"],
  ["a refusal where nobody is reached", "connect_refused", { neighbours: NOBODY }, "prober_cut_off"],
  [
    "anything of the network without a network",
    "connect_unreachable",
    { neighbours: { asked: 0, reached: 0 }, hasNetwork: false },
    "prober_no_route",
  ],
  ["an expired certificate by a wrong clock", "tls_expired", { clockIsOff: true }, "prober_clock"],
])("%s is ours", (_name, reason, signs, ours) => {
  expect(judgeOurselves(round(reason), { ...WELL, ...signs })).toBe(ours);
});

test.each<[string, string, Partial<Signs>, boolean]>([
  ["a failure while all is well", "timeout_in_connect", {}, true],
  ["an error that was answered, whatever else is bad", "status", { stalledMs: 9000, neighbours: NOBODY }, true],
  ["a refusal while the process stood still", "connect_refused", { stalledMs: 9000 }, true],
  ["an expired certificate by a right clock", "tls_expired", { stalledMs: 9000, neighbours: NOBODY }, true],
  ["silence of a literal address while the resolver is dead", "timeout_in_connect", { resolver: "silent" }, false],
  ["a failure where one of eight others is reached", "reset", { neighbours: { asked: 8, reached: 1 } }, true],
  ["a failure where only one other is known", "connect_refused", { neighbours: { asked: 1, reached: 0 } }, true],
])("%s is the target's", (_name, reason, signs, named) => {
  expect(judgeOurselves(round(reason, named), { ...WELL, ...signs })).toBeUndefined();
});
