import { afterEach, test } from "@jest/globals";
import { startNats, startTestPostgres } from "@sentinel/testkit";
import { startRealStage } from "./real-stage.ts";
import { tellOutage } from "./tell-outage.ts";

const TIMEOUT_MS = 180_000;
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
}, 60_000);

test(
  "the same outage in one process, with its own PostgreSQL",
  async () => {
    const stage = await startRealStage();
    stops.push(() => stage.stop());
    await tellOutage(stage);
  },
  TIMEOUT_MS,
);

test(
  "the same outage in a process per service, two of which share the incidents, on nats-server and PostgreSQL",
  async () => {
    const nats = await startNats();
    stops.push(() => nats.stop());
    const postgres = await startTestPostgres();
    stops.push(() => postgres.stop());
    const database = await postgres.createDatabase([]);
    const stage = await startRealStage({
      args: ["--distributed", "--incidents", "2"],
      env: {
        SENTINEL_NATS_URL: nats.url,
        SENTINEL_DATABASE_URL: database.url,
        SENTINEL_EGRESS_ALLOW: "127.0.0.0/8",
      },
    });
    stops.push(() => stage.stop());
    await tellOutage(stage);
  },
  TIMEOUT_MS,
);
