import { expect, test } from "@jest/globals";
import { Secret } from "@sentinel/contracts/config";
import { createMemoryFoldStore, startIncidents } from "@sentinel/incidents";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { createMemorySpool, startProber } from "@sentinel/prober";
import { createMetrics, noFailpoint, offTracing, silentLog } from "@sentinel/service-kit";
import { createMemoryNetwork, seededRandom, VirtualClock } from "@sentinel/testkit";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tellOutage } from "./tell-outage.ts";

const SHOP = "http://shop.test";
const HOOK = "http://hooks.test";
const WAKES_AFTER_MS = 3000;

test("one outage: noticed, explained, opened once, repaired, verified, resolved, told", async () => {
  const clock = new VirtualClock();
  const kit = {
    clock,
    random: seededRandom(1),
    log: silentLog,
    metrics: createMetrics(),
    tracing: offTracing,
    failpoint: noFailpoint,
  };
  const network = createMemoryNetwork(clock);
  let awakeFromMs = 0;
  let knocks = 0;
  network.serve(SHOP, ({ headers }) => {
    if (headers["sentinel-purpose"] === "wake-up") {
      knocks += 1;
      awakeFromMs = Math.min(awakeFromMs, clock.now() + WAKES_AFTER_MS);
    }
    return { status: clock.now() >= awakeFromMs ? 200 : 503 };
  });
  const told: { id: string; kind: string }[] = [];
  network.serve(HOOK, ({ headers, body }) => {
    told.push({ id: headers["webhook-id"] ?? "", kind: JSON.parse(body).type.replace("incident.", "") });
    return { status: 204 };
  });

  const folder = await mkdtemp(join(tmpdir(), "sentinel-story-"));
  const config = join(folder, "sentinel.yaml");
  await writeFile(config, `notifications:\n  ops: {type: webhook, url: ${HOOK}/, secret: "\${HOOK_SECRET}"}\n`);
  const bus = createEmbeddedBus(kit);
  const { egress } = network;
  const incidents = await startIncidents({
    kit,
    bus,
    egress,
    store: createMemoryFoldStore(() => clock.monotonic()),
    owner: "story",
    exclusive: true,
    configFile: { path: config, env: { HOOK_SECRET: new Secret("HOOK_SECRET", "whsec_c3Rvcnk=").reveal() } },
    demo: [],
    publicUrl: "http://127.0.0.1:8300",
    locale: "en",
  });
  await incidents.ready;
  const { api } = incidents;
  const prober = await startProber({ kit, bus, egress, api, spool: createMemorySpool(), region: "local", name: "p" });

  try {
    await tellOutage({
      api,
      shop: {
        url: `${SHOP}/health`,
        fallAsleep: () => {
          awakeFromMs = Number.POSITIVE_INFINITY;
        },
        knocks: () => knocks,
      },
      told: () => told,
      until: (_, condition) => clock.until(condition, 60_000),
    });
    expect(clock.monotonic()).toBeLessThan(20_000);
  } finally {
    await Promise.all([prober.stop(), incidents.stop(), drain(clock)]);
    await bus.close();
    await rm(folder, { recursive: true });
  }
});

/** Lets whoever still sleeps a last time wake up and see that it is over. */
const drain = (clock: VirtualClock): Promise<void> => clock.advance(1000);
