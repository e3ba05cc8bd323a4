import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type HttpTarget, startHttpTarget } from "@sentinel/testkit";
import { Sentinel, until } from "../harness/sentinel.ts";
import { faultsOf } from "./support/axe.ts";
import { Dashboard } from "./support/browser.ts";

const NAMES = ["database", "promised", "shop", "stock"] as const;
type Name = (typeof NAMES)[number];

let sentinel: Sentinel;
let dashboard: Dashboard;
const targets = new Map<Name, HttpTarget>();

beforeAll(async () => {
  for (const name of NAMES) targets.set(name, await startHttpTarget());
  const watched = (name: Name, more = ""): string =>
    `  ${name}: {endpoints: ["${targetOf(name).url}/"], every: 1s, repair: {mode: "off"}, ${more}}`;
  sentinel = await Sentinel.create({
    config: [
      "monitors:",
      watched("database"),
      watched("promised", "slo: {target: 99.999, window: 30d}"),
      watched("shop", "dependsOn: [database]"),
      watched("stock", "group: Warehouse, tags: [goods]"),
    ].join("\n"),
  });
  sentinel.start();
  await sentinel.ready();
  for (const name of NAMES)
    await until(`${name} to work`, async () => (await isShown(name, "healthy")) || undefined, 60_000);
  dashboard = await Dashboard.open(sentinel.url);
});

afterEach(async () => {
  expect(dashboard.takeComplaints()).toEqual([]);
  await dashboard.closePages();
});

afterAll(async () => {
  await dashboard?.close();
  await sentinel?.remove();
  await Promise.all([...targets.values()].map((target) => target.stop()));
});

function targetOf(name: Name): HttpTarget {
  const target = targets.get(name);
  if (target === undefined) throw new Error(`${name} was not started`);
  return target;
}

const fail = (name: Name): void => targetOf(name).answer((_, response) => response.writeHead(500).end());

interface Shown {
  readonly status: string;
  readonly suppressedBy: string | null;
}

const shownOf = (name: Name): Promise<Shown> => sentinel.call<Shown>("GET", `/api/v1/monitors/${name}`);
const isShown = async (name: Name, status: string): Promise<boolean> => (await shownOf(name)).status === status;

/** Four failing rounds, kept with this verdict: twice what opens an incident otherwise. */
const failing = (name: Name, verdict: string): Promise<true> =>
  until(
    `failing rounds of ${name}`,
    async () => {
      const path = `/api/v1/monitors/${name}/checks?limit=50`;
      const { data } = await sentinel.call<{ data: { verdict: string; reason: string | null }[] }>("GET", path);
      return data.filter((round) => round.verdict === verdict && round.reason === "status").length >= 4 || undefined;
    },
    60_000,
  );

interface Incident {
  readonly id: number;
  readonly monitorName: string;
  readonly nature: string;
}

async function incidentsOf(name: Name): Promise<readonly Incident[]> {
  const { data } = await sentinel.call<{ data: readonly Incident[] }>("GET", "/api/v1/incidents?limit=200");
  return data.filter(({ monitorName }) => monitorName === name);
}

const opened = (name: Name, nature: string): Promise<Incident> =>
  until(
    `an incident of ${name}, ${nature}`,
    async () => (await incidentsOf(name)).find((each) => each.nature === nature),
    120_000,
  );

describe("what is expected stays quiet", () => {
  test("within a maintenance window nothing opens; when it is ended by hand, what still fails does", async () => {
    await sentinel.call("POST", "/api/v1/maintenance", { name: "stocktaking", duration: "1h", groups: ["Warehouse"] });
    await until("maintenance", async () => (await isShown("stock", "maintenance")) || undefined, 30_000);
    fail("stock");
    await failing("stock", "maintenance");
    expect(await incidentsOf("stock")).toEqual([]);
    const page = await dashboard.visit("/en/monitors/stock");
    await page.getByText(/In maintenance “stocktaking” until .+\./).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${sentinel.url}/en/settings`);
    await page.getByRole("button", { name: "End stocktaking now" }).click();
    await opened("stock", "technical");
  });

  test("what depends on a service that is down opens nothing, and says which that is", async () => {
    fail("database");
    await opened("database", "technical");
    fail("shop");
    await until("the cause", async () => (await shownOf("shop")).suppressedBy === "database" || undefined, 60_000);
    await failing("shop", "down");
    expect(await incidentsOf("shop")).toEqual([]);
    const page = await dashboard.visit("/fr/monitors/shop");
    await page.getByText("Pas d’incident : la panne de database, dont il dépend, l’explique.").waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });
});

test("an error budget that is used up too fast has an incident of its own, which says by how much", async () => {
  fail("promised");
  const { id } = await opened("promised", "slo");
  const page = await dashboard.visit(`/en/incidents/${id}`);
  await page.getByText("promised uses up its error budget too fast.").waitFor();
  await page
    .getByText(/used up [\d.,]+ times faster than an objective of 99\.999% allows/)
    .first()
    .waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.goto(`${sentinel.url}/en/monitors/promised`);
  await page.getByText(/of the error budget is left|The error budget is overdrawn/).waitFor();
  expect(await faultsOf(page)).toEqual([]);
});
