import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { IncidentView, MonitorView } from "@sentinel/contracts/api";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { until } from "../harness/sentinel.ts";
import { type Network, openNetwork } from "./network.ts";
import { settle } from "./settle.ts";
import { type DistributedStage, openDistributed } from "./stage-distributed.ts";
import { removeStage } from "./stage.ts";

interface Page<T> {
  readonly data: readonly T[];
}

const COVERAGE = "sentinel/coverage/";
const NAMES = ["shop-1", "shop-2"];
/** Two intervals and what a result takes on its way are 8 s; the rest is for a busy machine. */
const NOTICED_WITHIN_MS = 90_000;

let stage: DistributedStage;
let network: Network;
let broken: string;

beforeAll(async () => {
  network = openNetwork();
  const planted = join(import.meta.dirname, "plant-broken-kind.mjs");
  stage = await openDistributed({
    monitors: NAMES.length,
    between: network.between,
    envOf: (service) =>
      service === "prober"
        ? {
            NODE_OPTIONS: `--import=${planted}`,
            PLANTED_BREAK: broken,
            SENTINEL_PROBER_NAME: "p7",
            SENTINEL_REGION: "eu",
          }
        : {},
  });
  broken = join(stage.folder, "http-is-broken");
  await stage.start();
  await until("all monitors seen", async () => ((await statuses()).every(isHealthy) ? true : undefined), 60_000);
}, 180_000);

afterAll(async () => {
  await removeStage(stage);
  await network.stop();
}, 60_000);

/** Nothing is left of what a test has done. */
afterEach(async () => {
  expect((await settle(stage)).findings).toEqual([]);
}, 180_000);

const isHealthy = (status: string): boolean => status === "healthy";

async function get<T>(path: string): Promise<readonly T[]> {
  const response = await fetch(`${stage.url}${path}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a wrong shape fails the comparisons of the tests
  const page = (await response.json()) as Page<T>;
  return page.data;
}

const statuses = async (): Promise<readonly string[]> =>
  (await get<MonitorView>("/api/v1/monitors")).map(({ status }) => status);

const coverage = async (): Promise<readonly IncidentView[]> =>
  (await get<IncidentView>("/api/v1/incidents")).filter(({ monitorId }) => monitorId.startsWith(COVERAGE));

/** Does it, waits for the one incident that it makes, undoes it and waits for its end. */
async function noticed(begin: () => unknown, end: () => unknown): Promise<IncidentView> {
  const before = new Set((await coverage()).map(({ id }) => id));
  const fresh = async () => (await coverage()).filter(({ id }) => !before.has(id));
  const wholeOf = ({ status, endpointsFailing }: IncidentView): boolean =>
    status === "open" && endpointsFailing === NAMES.length;
  let found: IncidentView | undefined;
  await stage.world.disturb(async () => {
    await begin();
    found = await until("an incident of all", async () => (await fresh()).find(wholeOf), NOTICED_WITHIN_MS);
    expect((await statuses()).some(isHealthy)).toBe(false);
    await end();
  });
  await until(
    "its end",
    async () => ((await fresh()).every(({ status }) => status === "resolved") ? true : undefined),
    NOTICED_WITHIN_MS,
  );
  expect(await fresh()).toHaveLength(1);
  if (found === undefined) throw new Error("no incident");
  expect(Date.parse(found.startedAt)).toBeLessThan(Date.parse(found.detectedAt));
  return found;
}

/** Who, of what, as people are told. */
const toldOf = ({ diagnosis: { cause, params } }: IncidentView) => {
  const { prober, region, monitors } = params;
  return { cause, prober, region, monitors };
};
const p7 = { prober: "p7", region: "eu", monitors: NAMES.join(", ") };

test("a kind of check that throws is noticed, with its prober and its reason", async () => {
  const found = await noticed(
    () => writeFile(broken, ""),
    () => rm(broken),
  );
  expect(toldOf(found)).toEqual({ cause: "not_judged", ...p7 });
  expect(found.diagnosis.params).toMatchObject({ why: "check_broke" });
}, 300_000);

test("a prober that is killed is noticed, with its name", async () => {
  const found = await noticed(
    () => stage.kill("prober"),
    () => stage.restart("prober"),
  );
  expect(toldOf(found)).toEqual({ cause: "prober_gone", ...p7 });
}, 300_000);

test("a prober that stands still is noticed, with its name", async () => {
  const pid = stage.pidOf("prober");
  const found = await noticed(
    () => process.kill(pid, "SIGSTOP"),
    () => process.kill(pid, "SIGCONT"),
  );
  expect(toldOf(found)).toEqual({ cause: "prober_gone", ...p7 });
}, 300_000);

test("a prober that is cut off from the bus is noticed, with its name", async () => {
  const way = network.proxy("prober-nats");
  const found = await noticed(
    () => way.begin({ type: "partition", cut: "both" }),
    () => way.heal(),
  );
  expect(toldOf(found)).toEqual({ cause: "prober_gone", ...p7 });
}, 300_000);

test("a prober that is there and was told of no monitor is noticed, with its name", async () => {
  const way = network.proxy("prober-incidents");
  const found = await noticed(
    async () => {
      await stage.kill("prober");
      way.begin({ type: "partition", cut: "both" });
      await stage.restart("prober");
    },
    () => way.heal(),
  );
  expect(toldOf(found)).toMatchObject({ ...p7, cause: expect.stringMatching(/^prober_(silent|gone)$/) });
}, 300_000);
