import { Verdict } from "@sentinel/contracts";
import { type Judgement, matchesPattern } from "../core/assertions.ts";
import type { See } from "./probe.ts";
import { shown } from "./reader.ts";
import { whereTo } from "./where-to.ts";

/** Sends one datagram and takes the first that comes back. */
export const seeUdp: See<"udp"> = async (check, request) => {
  const { value, facts } = await request.deps.egress.datagram({ ...whereTo(request), payload: check.send });
  const answer = Buffer.from(value).toString("latin1");
  const look = (subject: string) => (subject === "answer" ? [answer] : undefined);
  const body = value.slice();
  if (check.expect === "" || matchesPattern(check.expect, answer)) return { facts: { ...facts, body }, look };
  const judgement: Judgement = {
    verdict: Verdict.DOWN,
    reason: "answer_mismatch",
    params: { expected: check.expect, actual: shown(answer) },
  };
  return { facts: { ...facts, body }, look, judgement };
};
