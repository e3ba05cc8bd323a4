import { type GetHeartbeatResponse, Verdict } from "@sentinel/contracts";
import { judgeHeartbeat } from "../core/judge-heartbeat.ts";
import { type Hears, type See, Unchecked } from "./probe.ts";

const NO_TIME = { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 0, transferMs: 0 };

/**
 * Asks nobody outside: judges what the job has told. A round that was asked for by a ping tells of the failure that this
 * ping was, also when another ping has followed; anything else is judged by what is known now.
 */
export const seeHeartbeat: See<"heartbeat"> = async (check, { hears }) => {
  if (hears === undefined) throw new Unchecked("heartbeat_unasked");
  const then = hears.seq === 0 ? undefined : await ask(hears, hears.seq);
  const heard = then?.state !== undefined && then.state.failedAtMs > 0 ? then : await ask(hears, 0);
  const judgement = judgeHeartbeat(check, heard, hears.sinceMs);
  if (judgement.verdict === Verdict.UNKNOWN) throw new Unchecked(judgement.reason, judgement.params);
  const { state } = heard;
  return {
    facts: {
      phases: NO_TIME,
      remoteAddress: undefined,
      status: undefined,
      headers: {},
      body: state?.log ?? new Uint8Array(),
      certificate: undefined,
      redirects: [],
    },
    judgement,
    look: (subject, of) => (subject === "value" && of === "" ? took(state?.runTookMs ?? 0) : undefined),
  };
};

async function ask(hears: Hears, seq: number): Promise<GetHeartbeatResponse> {
  try {
    return await hears.heard(seq);
  } catch {
    throw new Unchecked("heartbeat_unasked");
  }
}

/** Of a run that told its start and its end; nothing to look at otherwise. */
const took = (ms: number): readonly string[] | undefined => (ms > 0 ? [String(ms)] : undefined);
