import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@sentinel/eventstore/postgres";
import { audit, type Finding } from "./auditor.ts";
import { auditApi } from "./audit-api.ts";
import { type Evidence, readEvidence } from "./evidence.ts";
import { EVERY_MS, FAILURES_TO_CONFIRM, type Stage } from "./stage.ts";

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly evidence: Evidence | undefined;
  readonly tookMs: number;
}

/** A message that was refused twice and killed twice on its way waits for a minute. */
const SETTLED_WITHIN_MS = 120_000;
const PAUSE_MS = 700;
/** A target that answered a moment ago may have its result on the way. */
const ON_THE_WAY_MS = 4000;

/**
 * Lets everything come to rest with all targets awake, and gives what is wrong then. What only needs time goes away by
 * itself; what was lost or doubled stays.
 */
export async function settle(stage: Stage, { late = false, withinMs = SETTLED_WITHIN_MS } = {}): Promise<Verdict> {
  for (const target of stage.world.targets) target.wake();
  const from = performance.now();
  await stage.ready();
  // One round of each monitor after the last fault, so that the slots missed before it are on record.
  await sleep(2 * EVERY_MS);
  for (;;) {
    const tookMs = Math.round(performance.now() - from);
    const { findings, evidence } = await look(stage, late).catch(unable);
    if (findings.length === 0 || tookMs > withinMs) return { findings, evidence, tookMs };
    await sleep(PAUSE_MS);
  }
}

/** A part that starts just now refuses for a moment. */
function unable(error: unknown): Pick<Verdict, "findings" | "evidence"> {
  return { findings: [{ rule: "not-answering", detail: String(error) }], evidence: undefined };
}

async function look(stage: Stage, late: boolean): Promise<Pick<Verdict, "findings" | "evidence">> {
  const database = await openDatabase(await stage.databaseUrl(), { max: 2, applicationName: "auditor" });
  try {
    const { ledgers } = stage.world;
    const evidence = await readEvidence(database);
    const cutMs = Date.now() - ON_THE_WAY_MS;
    const options = { everyMs: EVERY_MS, failuresToConfirm: FAILURES_TO_CONFIRM, cutMs, late };
    const findings = [...audit(evidence, ledgers, options), ...(await auditApi(stage.url, evidence))];
    return { findings, evidence };
  } finally {
    await database.close();
  }
}
