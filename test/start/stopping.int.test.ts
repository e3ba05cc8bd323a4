import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { lostSlots, readLog } from "../faults/audit.ts";
import { Sentinel, until } from "../harness/sentinel.ts";
import { ended, GUARD_MS, postgresGone, postgresPid, told } from "./support.ts";

const EVERY_MS = 1000;
const CLEAN = { code: 0, signal: null };

let target: Server;
let address: string;
let answered = 0;
beforeAll(async () => {
  target = createServer((_, response) => response.end("ok", () => (answered += 1)));
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
  const bound = target.address();
  address = typeof bound === "object" && bound !== null ? `http://127.0.0.1:${bound.port}/` : "";
});
afterAll(() => new Promise((resolve) => target.close(resolve)));

let sentinel: Sentinel;
beforeEach(async () => {
  sentinel = await Sentinel.create({
    config: `monitors:\n  shop: {endpoints: ["${address}"], every: ${EVERY_MS}ms, timeout: 900ms}\n`,
  });
  sentinel.start();
});
afterEach(async () => {
  await sentinel.remove();
});

/** Checks that the log has, without the ranges that were missed. */
const made = async (): Promise<number> =>
  (await readLog(sentinel)).checks.filter((check) => check.missedSlots === 0).length;

describe("one that runs", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "on %s ends with code 0, without PostgreSQL, with every result kept",
    async (signal) => {
      await sentinel.ready(GUARD_MS);
      await until("a few checks", async () => ((await made()) >= 3 ? true : undefined), GUARD_MS);
      sentinel.kill(signal);
      expect(await ended(sentinel)).toEqual(CLEAN);
      expect(sentinel.stderr).toBe("");
      await postgresGone(sentinel);

      sentinel.start();
      await sentinel.ready(GUARD_MS);
      const before = answered;
      const log = await until(
        "the checks of both runs",
        async () => ((await made()) > before ? readLog(sentinel) : undefined),
        GUARD_MS,
      );
      expect(lostSlots(log.checks, EVERY_MS)).toEqual([]);
    },
    2 * GUARD_MS,
  );

  test(
    "asked again and again ends all the same, and the next start has what was acknowledged",
    async () => {
      await sentinel.ready(GUARD_MS);
      await sentinel.call("POST", "/api/v1/monitors", { name: "acknowledged", endpoints: [address], every: "10m" });
      const impatient = setInterval(() => sentinel.kill("SIGINT"), 50);
      const { code, signal } = await ended(sentinel).finally(() => clearInterval(impatient));
      // Whichever is faster: the stop that the first one asked for, or a later one; the last may meet Node's own end.
      expect([0, 130, "SIGINT"]).toContain(code ?? signal);
      expect(sentinel.stderr).toBe("");
      sentinel.start();
      await sentinel.ready(GUARD_MS);
      expect(await sentinel.call("GET", "/api/v1/monitors")).toMatchObject({
        data: expect.arrayContaining([expect.objectContaining({ name: "acknowledged" })]),
      });
    },
    2 * GUARD_MS,
  );

  test(
    "says so and ends with code 1 when its PostgreSQL ends, and starts again",
    async () => {
      await sentinel.ready(GUARD_MS);
      process.kill(await postgresPid(sentinel), "SIGKILL");
      expect(await ended(sentinel)).toEqual({ code: 1, signal: null });
      expect(sentinel.stderr).toBe(told("postgres_ended", {}));
      sentinel.start();
      await sentinel.ready(GUARD_MS);
    },
    2 * GUARD_MS,
  );
});
