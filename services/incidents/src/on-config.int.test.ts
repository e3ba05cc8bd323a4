import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type ConfigStatus, type Monitor, MonitorSource } from "@sentinel/contracts";
import type { SentinelConfig } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import { VirtualClock } from "@sentinel/testkit";
import { afterEach, expect, test } from "@jest/globals";
import { aSpec, T0 } from "./core/fixtures.ts";
import { testKit } from "./fold-contract/fold-bench.ts";
import { createMonitors, type Monitors } from "./monitors.ts";
import { createConfigFollower } from "./on-config.ts";
import { createMemoryFoldStore } from "./store/memory/memory-fold-store.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const SHOP = "monitors:\n  shop:\n    endpoints: [http://shop.test/]\n";
const CAFE = "  cafe:\n    endpoints: [http://cafe.test/]\n";

interface World {
  readonly clock: VirtualClock;
  readonly path: string;
  readonly monitors: Monitors;
  readonly known: Map<string, Monitor>;
  readonly configs: SentinelConfig[];
  readonly statuses: ConfigStatus[];
  readonly env: Record<string, string>;
  /** Monitors whose changes fail now. */
  readonly broken: Set<string>;
  write(text: string): Promise<void>;
  /** One look at the file. */
  look(): Promise<void>;
  /** As a new process, which remembers nothing. */
  restart(): void;
  follow(): AbortController;
  named(): readonly (readonly [string, string])[];
}

async function world(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "config-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "sentinel.yaml");
  const clock = new VirtualClock({ startMs: T0 });
  const kit = testKit(clock);
  const store = createMemoryFoldStore(() => clock.monotonic());
  const known = new Map<string, Monitor>();
  const broken = new Set<string>();
  const inner = createMonitors({
    kit,
    store,
    channelsOf: () => [],
    onChanged: ({ id, monitor }) => void (monitor === undefined ? known.delete(id) : known.set(id, monitor)),
  });
  const monitors: Monitors = {
    ...inner,
    create: (spec, options) =>
      broken.has(spec.name)
        ? Promise.reject(new SentinelError("database_unreachable", {}))
        : inner.create(spec, options),
  };
  const configs: SentinelConfig[] = [];
  const statuses: ConfigStatus[] = [];
  const env: Record<string, string> = {};
  const start = () =>
    createConfigFollower({
      kit,
      file: { path, env, lastGoodPath: join(folder, "last-good.yaml") },
      monitors,
      known: () => [...known.values()],
      onConfig: (config) => void configs.push(config),
      onStatus: (status) => void statuses.push(status),
    });
  let follower = start();
  return {
    restart: () => {
      follower = start();
    },
    clock,
    path,
    monitors,
    known,
    configs,
    statuses,
    env,
    broken,
    write: (text) => writeFile(path, text),
    look: () => follower.first(),
    follow: () => {
      const stop = new AbortController();
      const ended = follower.follow(stop.signal);
      cleanups.push(async () => {
        stop.abort();
        await ended;
      });
      return stop;
    },
    named: () =>
      [...known.values()]
        .map(({ spec, source }): [string, string] => [spec?.name ?? "", source])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** Lets time pass and files be read until it holds. */
async function until(at: World, condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    if (turns > 20_000) throw new Error(`not reached: ${String(condition)}`);
    if (at.clock.sleepers > 0) await at.clock.advance(50);
    else await nextTurn();
  }
}

const { FILE, API } = MonitorSource;

test("monitors of the file are made, changed and removed with it", async () => {
  const at = await world();
  await at.write(SHOP + CAFE);
  await at.look();
  expect(at.named()).toEqual([
    ["cafe", FILE],
    ["shop", FILE],
  ]);
  const [shop] = [...at.known.values()].filter(({ spec }) => spec?.name === "shop");
  await at.write(`${SHOP}    every: 5s\n`);
  await at.look();
  expect([...at.known.values()]).toMatchObject([{ id: shop?.id, version: 2, spec: { everyMs: 5000 } }]);
  expect(at.statuses.at(-1)).toMatchObject({ file: at.path, exists: true, appliedAtMs: T0, problems: [] });
});

test("a file that stays the same changes nothing and is not spoken of again", async () => {
  const at = await world();
  await at.write(SHOP);
  for (let n = 0; n < 3; n += 1) await at.look();
  expect([...at.known.values()]).toMatchObject([{ version: 1 }]);
  expect(at.configs).toHaveLength(1);
  expect(at.statuses).toHaveLength(1);
});

test("no file is no fault, and is said once", async () => {
  const at = await world();
  for (let n = 0; n < 3; n += 1) await at.look();
  expect(at.statuses).toEqual([{ file: at.path, exists: false, appliedAtMs: 0, problems: [] }]);
});

test("a broken file keeps the last good configuration and is named with line and column", async () => {
  const at = await world();
  await at.write(SHOP);
  await at.look();
  await at.write(`${SHOP}    evrey: 5s\n`);
  await at.look();
  expect(at.named()).toEqual([["shop", FILE]]);
  expect(at.configs).toHaveLength(1);
  expect(at.statuses.at(-1)).toMatchObject({
    exists: true,
    appliedAtMs: T0,
    problems: [
      { code: "unknown_key_near", file: at.path, line: 4, column: 5, params: { path: "monitors.shop.evrey" } },
    ],
  });
  await at.write(`${SHOP}    every: 5s\n`);
  await at.look();
  expect(at.statuses.at(-1)?.problems).toEqual([]);
  expect([...at.known.values()]).toMatchObject([{ version: 2 }]);
});

test("a restart on a broken file still tells people over the channels of the last good one", async () => {
  const at = await world();
  await at.write(`${SHOP}notifications:\n  ops: {type: webhook, url: "http://hooks.test/"}\n`);
  await at.look();
  await at.write("monitors: [");
  at.restart();
  at.configs.length = 0;
  await at.look();
  expect(at.configs.flatMap((config) => config.channels.map((channel) => channel.name))).toEqual(["ops"]);
  expect(at.statuses.at(-1)?.problems).not.toEqual([]);
  expect(at.named()).toEqual([["shop", FILE]]);
  expect((await stat(join(dirname(at.path), "last-good.yaml"))).mode & 0o777).toBe(0o600);
});

test("a missing variable of a secret keeps the last good configuration and is named", async () => {
  const at = await world();
  const hook = 'notifications:\n  ops: {type: webhook, url: "http://hooks.test/", secret: "${HOOK_SECRET}"}\n';
  await at.write(hook);
  await at.look();
  expect(at.configs).toEqual([]);
  expect(at.statuses.at(-1)?.problems).toMatchObject([{ line: 2, params: { path: "notifications.ops.secret" } }]);
  expect(JSON.stringify(at.statuses.at(-1))).toContain("HOOK_SECRET");
});

test("a file that vanishes keeps what it made, and says so; when it is back all is well", async () => {
  const at = await world();
  await at.write(SHOP);
  await at.look();
  await rm(at.path);
  await at.look();
  await at.look();
  expect(at.named()).toEqual([["shop", FILE]]);
  expect(at.statuses).toHaveLength(2);
  expect(at.statuses.at(-1)).toMatchObject({ exists: false, appliedAtMs: T0, problems: [{ code: "file_missing" }] });
  await at.write(SHOP);
  await at.look();
  expect(at.statuses.at(-1)).toMatchObject({ exists: true, problems: [] });
});

test("a file that cannot be read keeps what it made, and says why", async () => {
  const at = await world();
  await at.write(SHOP);
  await at.look();
  await rm(at.path);
  await mkdir(at.path);
  await at.look();
  expect(at.named()).toEqual([["shop", FILE]]);
  expect(at.statuses.at(-1)).toMatchObject({
    exists: true,
    problems: [{ code: "file_unreadable", params: { reason: "EISDIR" } }],
  });
  await chmod(at.path, 0o700);
});

test("a monitor of the same name made over the API is taken over, and keeps its identity", async () => {
  const at = await world();
  const options = { source: API, actor: "ada", idempotencyKey: "" };
  const mine = await at.monitors.create(aSpec({ name: "shop" }), options);
  await at.monitors.create(aSpec({ name: "other" }), options);
  await at.write(SHOP);
  await at.look();
  expect(at.named()).toEqual([
    ["other", API],
    ["shop", FILE],
  ]);
  expect(at.known.get(mine.id)).toMatchObject({ id: mine.id, version: 2, source: FILE });
});

test("what could not be applied is tried again, and a file broken meanwhile is still spoken of", async () => {
  const at = await world();
  at.broken.add("cafe");
  await at.write(SHOP + CAFE);
  await expect(at.look()).rejects.toMatchObject({ code: "database_unreachable" });
  expect(at.statuses).toEqual([]);
  await at.write("monitors: [\n");
  await expect(at.look()).rejects.toMatchObject({ code: "database_unreachable" });
  at.broken.clear();
  await at.look();
  expect(at.named()).toEqual([
    ["cafe", FILE],
    ["shop", FILE],
  ]);
  expect(at.statuses.at(-1)).toMatchObject({ exists: true, appliedAtMs: T0 });
  expect(at.statuses.at(-1)?.problems).not.toEqual([]);
});

test("a changed file is noticed while it is followed, and one that is half written is waited for", async () => {
  const at = await world();
  await at.write(SHOP + CAFE);
  await at.look();
  at.follow();
  // As an editor saves: truncated first, whole a moment later.
  await at.write("");
  await until(at, () => at.clock.now() >= T0 + 1000 && at.clock.sleepers > 0);
  await at.write(`${SHOP}${CAFE}    every: 7s\n`);
  await until(at, () => [...at.known.values()].some(({ spec }) => spec?.everyMs === 7000));
  expect(at.named()).toEqual([
    ["cafe", FILE],
    ["shop", FILE],
  ]);
  expect([...at.known.values()].map(({ version }) => version)).toEqual(expect.arrayContaining([1, 2]));
});
