import { CheckResult, Evidence, partitionOf, Verdict } from "@sentinel/contracts";
import type { Message } from "@sentinel/messaging";
import { expect, test } from "@jest/globals";
import { anEndpoint, aRound, T0 } from "../core/fixtures.ts";
import type { FoldBench } from "./fold-bench.ts";

const HOUR_MS = 3_600_000;

/** What cannot be folded is kept aside. */
export function badMessages(bench: () => FoldBench): void {
  const lettersOf = async (subject: string): Promise<readonly string[]> =>
    (await bench().store.transaction((tx) => tx.deadLetters.list(100)))
      .filter((letter) => letter.subject === subject)
      .map(({ reason }) => reason);

  const bad: readonly (readonly [string, string, (good: CheckResult) => Partial<Message>])[] = [
    ["that is not a CheckResult", "not_a_check_result", () => ({ data: Uint8Array.of(255, 255, 255) })],
    ["without a monitor", "not_a_check_result", () => ({ data: new Uint8Array() })],
    [
      "in the wrong partition",
      "wrong_partition",
      ({ monitorId }) => ({ subject: `chk.v1.${(partitionOf(monitorId) + 1) % 64}.${monitorId}.local` }),
    ],
    [
      "in a partition that does not exist",
      "wrong_partition",
      ({ monitorId }) => ({ subject: `chk.v1.99.${monitorId}.local` }),
    ],
    [
      "whose subject names no partition",
      "wrong_partition",
      ({ monitorId }) => ({ subject: `chk.v1.first.${monitorId}` }),
    ],
    [
      "of a slot long ago",
      "slot_out_of_range",
      (good) => ({ data: encoded({ ...good, slotMs: T0 - 32 * 24 * HOUR_MS }) }),
    ],
    [
      "of a slot in the far future",
      "slot_out_of_range",
      (good) => ({ data: encoded({ ...good, slotMs: T0 + 25 * HOUR_MS }) }),
    ],
    [
      "of a slot no number can hold",
      "not_a_check_result",
      () => ({ data: Uint8Array.of(0x20, ...Array.from({ length: 9 }, () => 0xff), 1 - 1) }),
    ],
    [
      "with a text no column can hold",
      "not_a_check_result",
      (good) => ({ data: encoded({ ...good, reason: "a\u0000b" }) }),
    ],
    ["with an absurd duration", "not_a_check_result", (good) => ({ data: encoded({ ...good, durationMs: 1e300 }) })],
    [
      "with a duration that is no number",
      "not_a_check_result",
      (good) => ({ data: encoded({ ...good, durationMs: Number.NaN }) }),
    ],
    [
      "with an absurd count of missed slots",
      "not_a_check_result",
      (good) => ({ data: encoded({ ...good, missedSlots: 4_000_000_000 }) }),
    ],
  ];
  test.each(bad)("a message %s becomes a dead letter and does not stop the rest", async (_what, reason, breakIt) => {
    const { id } = await bench().monitor({ failuresToConfirm: 1 });
    const round = (n: number): CheckResult => aRound(T0 + n, Verdict.DOWN, "http_status", { monitorId: id });
    const broken = bench().message(round(1), breakIt(round(1)));
    const lettersBefore = (await lettersOf(broken.subject)).length;
    const folded = await bench().fold([bench().message(round(0)), broken, bench().message(round(2))]);
    expect(folded.results.map(({ slotMs }) => slotMs)).toEqual([T0, T0 + 2]);
    expect(folded.deadLetters).toBe(1);
    expect((await lettersOf(broken.subject)).slice(lettersBefore)).toEqual([reason]);
    expect(await bench().incidents(id)).toHaveLength(1);
  });

  test("a batch of bad messages only still moves the cursor", async () => {
    const { id } = await bench().monitor();
    const broken = bench().message(aRound(T0, Verdict.DOWN, "", { monitorId: id }), {
      data: Uint8Array.of(255),
      seq: 4711,
    });
    await bench().fold([broken]);
    const partitions = await bench().store.transaction((tx) => tx.partitions.all());
    expect(partitions[partitionOf(id)]).toMatchObject({ streamEpoch: "e1", lastSeq: 4711 });
  });

  test("texts a database cannot hold, deep in the evidence, are kept without what it cannot hold", async () => {
    const { id } = await bench().monitor({ failuresToConfirm: 1 });
    const params = { error: "half \ud83d and nul \u0000 of a certificate's name" };
    const endpoints = [anEndpoint(Verdict.DOWN, "tls_untrusted", { evidence: Evidence.fromPartial({ params }) })];
    await bench().fold([bench().message(aRound(T0, Verdict.DOWN, "tls_untrusted", { monitorId: id, endpoints }))]);
    expect(await bench().incidents(id)).toHaveLength(1);
  });

  test("rounds of a monitor nobody knows stay in the check log and mean nothing more", async () => {
    const monitorId = "mon_nobody_knows";
    const folded = await bench().fold(
      [1, 2, 3].map((n) => bench().message(aRound(T0 + n, Verdict.DOWN, "", { monitorId }))),
    );
    expect(folded).toMatchObject({ incidents: [], timeline: [] });
    expect(folded.results).toHaveLength(3);
    expect((await bench().story(monitorId)).state).toBeUndefined();
  });
}

const encoded = (result: CheckResult): Uint8Array => CheckResult.encode(result).finish();
