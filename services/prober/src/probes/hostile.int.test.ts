import { expect, test } from "@jest/globals";
import { runHostileScript, whyNoOwnNetwork } from "@sentinel/testkit";

const why = whyNoOwnNetwork();
if (why !== undefined) process.stderr.write(`skipped: a witness for every packet (${why}); egress has its own tests\n`);
const testWithWitness = why === undefined ? test : test.skip;

testWithWitness(
  "nothing written, resolved, answered or replied leads a packet of any check to a forbidden address",
  async () => {
    const report = await runHostileScript(new URL("./hostile-run.ts", import.meta.url));
    expect(report.violations).toEqual([]);
    // That none was seen means something only where the witness sees what may be sent, and misses nothing.
    expect(report).toMatchObject({ missed: 0, unseen: [], unseenPrivate: [] });
    expect(report.cases).toBeGreaterThanOrEqual(150);
  },
  120_000,
);
