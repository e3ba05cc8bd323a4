import { createHash } from "node:crypto";
import {
  CheckRequested,
  PingKind,
  pingRequestId,
  STREAM_COMMANDS,
  type TakePingRequest,
  Verdict,
} from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { T0 } from "./core/fixtures.ts";
import { caller, type Process, type ShellWorld, shellWorld } from "./shell-world.ts";

let at: ShellWorld;
beforeEach(() => {
  at = shellWorld();
});
afterEach(() => at.end());

const endpoints = (heartbeat: object = { every: "1h" }) => {
  const parsed = parseMonitorInput({ name: "x", endpoints: [{ url: "heartbeat://backup", heartbeat }] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec.endpoints;
};

const job = (process: Process, name = "Nightly backup", heartbeat?: object) =>
  process.create({ name, endpoints: endpoints(heartbeat) });

const call = (process: Process, token: string, change: Partial<TakePingRequest> = {}) =>
  process.api.takePing(
    { token, slug: "", kind: PingKind.SUCCESS, exitCode: "", runId: "", log: new Uint8Array(), ...change },
    caller(),
  );

const address = (process: Process, monitorId: string) => process.api.getPingAddress({ monitorId }, caller());
const heard = (process: Process, monitorId: string, seq = 0) => process.api.getHeartbeat({ monitorId, seq }, caller());
const commands = async (): Promise<number> => (await at.store.transaction((tx) => tx.outbox.pending())).command;

describe("a monitor that waits to be called", () => {
  test("has one address that cannot be guessed, and the same after a restart", async () => {
    const process = await at.start();
    const { id } = await job(process);
    const first = await address(process, id);
    expect(first.token).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(first).toMatchObject({ slug: "nightly-backup" });
    await process.stop();
    expect(await address(await at.start(), "Nightly backup")).toEqual(first);
  });

  test("remembers a call over a restart, and asks for the round that tells of it until that is folded", async () => {
    const process = await at.start();
    const monitor = await job(process);
    const { token } = await address(process, monitor.id);
    expect(await call(process, token, { kind: PingKind.FAIL, exitCode: "3", log: Buffer.from("disk full") })).toEqual({
      monitorId: monitor.id,
      seq: 1,
    });
    expect(await commands()).toBe(1);
    await process.stop();
    const again = await at.start();
    expect(await heard(again, monitor.id)).toMatchObject({ state: { failedAtMs: T0 + 1, exitCode: "3" } });
    expect(await commands()).toBe(1);
    const requestId = pingRequestId(monitor.id, 1);
    await at.result(monitor, at.clock.now(), Verdict.DOWN, { onDemand: true, requestId });
    expect(await commands()).toBe(0);
  });

  test("hands the request over with its ping, by which the round judges", async () => {
    const process = await at.start();
    const { id } = await job(process);
    const { token } = await address(process, id);
    await call(process, token, { kind: PingKind.FAIL });
    await call(process, token);
    await at.clock.advance(100);
    const stop = new AbortController();
    const asked: string[] = [];
    const options = { stream: STREAM_COMMANDS, name: "t", filter: "cmd.check.v1.>", ackWaitMs: 1e6, maxDeliveries: 1 };
    for await (const message of at.bus.consume({ ...options, signal: stop.signal })) {
      asked.push(CheckRequested.decode(message.data).requestId);
      await message.ack();
      if (asked.length === 2) stop.abort();
    }
    expect(asked).toEqual([pingRequestId(id, 1), pingRequestId(id, 2)]);
    expect((await heard(process, id, 1)).state).toMatchObject({ seq: 1, failedAtMs: T0 + 1 });
    expect((await heard(process, id, 2)).state).toMatchObject({ seq: 2, failedAtMs: 0 });
  });

  test("is called by the key of all and its slug, unless two have the same", async () => {
    const process = await at.start();
    const { id } = await job(process);
    const { key } = await address(process, id);
    expect(await call(process, key, { slug: "nightly-backup" })).toMatchObject({ monitorId: id });
    await job(process, "nightly_backup");
    await expect(call(process, key, { slug: "nightly-backup" })).rejects.toMatchObject({ code: "ping_ambiguous" });
    await expect(call(process, key, { slug: "other" })).rejects.toMatchObject({ code: "ping_unknown" });
    await expect(call(process, key)).rejects.toMatchObject({ code: "ping_unknown" });
  });

  test("keeps a token that it brings, of which only the hash is known here", async () => {
    const process = await at.start();
    const tokenHash = createHash("sha256").update("movedFromElsewhere").digest("hex");
    const { id } = await job(process, "moved", { every: "1h", tokenHash });
    expect(await call(process, "movedFromElsewhere")).toMatchObject({ monitorId: id });
    expect((await address(process, id)).token).toBe("");
  });

  test("hears no more once it is deleted, and is asked for nothing while it is paused", async () => {
    const process = await at.start();
    const { id, spec } = await job(process);
    const { token } = await address(process, id);
    const paused = spec === undefined ? undefined : { ...spec, paused: true };
    await process.api.updateMonitor({ id, spec: paused, expectedVersion: 0, actor: "ada" }, caller());
    expect(await call(process, token)).toMatchObject({ seq: 1 });
    expect(await commands()).toBe(0);
    await process.api.deleteMonitor({ id, expectedVersion: 0, actor: "ada" }, caller());
    await expect(call(process, token)).rejects.toMatchObject({ code: "ping_unknown" });
  });

  test("a call is not acknowledged while it cannot be recorded", async () => {
    const process = await at.start();
    const { id } = await job(process);
    const { token } = await address(process, id);
    at.link.away = true;
    await expect(call(process, token)).rejects.toMatchObject({ code: "database_unreachable" });
    at.link.away = false;
    expect((await heard(process, id)).state).toBeUndefined();
  });
});

test("a monitor that asks by itself has no address", async () => {
  const process = await at.start();
  const { id } = await process.create();
  await expect(address(process, id)).rejects.toMatchObject({ code: "monitor_not_called" });
  await expect(call(process, "nobody")).rejects.toMatchObject({ code: "ping_unknown" });
});

describe("the last span in which nobody could take a call is told", () => {
  test("after a start, since the last round that is known", async () => {
    const first = await at.start();
    const monitor = await job(first);
    expect(await heard(first, monitor.id)).toMatchObject({ deafFromMs: 0, deafUntilMs: 0 });
    await at.result(monitor, T0 + 500, Verdict.HEALTHY);
    await first.stop();
    await at.clock.advance(60_000);
    const startedMs = at.clock.now();
    const told = await heard(await at.start(), monitor.id);
    expect(told).toMatchObject({ deafFromMs: T0 + 500 });
    expect(told.deafUntilMs).toBeGreaterThanOrEqual(startedMs);
  });
});
