import { afterEach, expect, test } from "@jest/globals";
import { startNats, startTestPostgres } from "@sentinel/testkit";
import { Sentinel, type SentinelOptions, until } from "../harness/sentinel.ts";

const TIMEOUT_MS = 180_000;
const GUARD_MS = 60_000;
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
}, 60_000);

interface Incident {
  readonly id: number;
  readonly resolvedAt: string | null;
  readonly reopened: number;
}

interface Check {
  readonly verdict: string;
  readonly endpoints: readonly {
    readonly reason: string;
    readonly evidence: { readonly bodyHead: string; readonly params: Readonly<Record<string, string>> } | null;
  }[];
}

const JOB = {
  name: "Nightly backup",
  every: "1s",
  endpoints: [{ url: "heartbeat://nightly-backup", heartbeat: { every: "10s", grace: "2s" } }],
};

interface Stage {
  readonly sentinel: Sentinel;
  /** Calls what the job calls, as the job would; gives the status and the answer. */
  readonly call: (path: string, body?: string) => Promise<string>;
  readonly address: { readonly path: string; readonly pushPath: string; readonly slugPath: string };
  /** Waits until exactly this one incident is open, or none is. */
  readonly incident: (open: boolean) => Promise<Incident>;
  /** Waits for a failed round with this reason. */
  readonly failed: (reason: string) => Promise<Check>;
}

async function stageOf(options: SentinelOptions, env?: Readonly<Record<string, string>>): Promise<Stage> {
  const sentinel = await Sentinel.create(options);
  stops.push(() => sentinel.remove());
  sentinel.start(env);
  await sentinel.ready();
  const { id } = await sentinel.call<{ id: string }>("POST", "/api/v1/monitors", JOB);
  const address = await sentinel.call<Stage["address"]>("GET", `/api/v1/monitors/${id}/ping-address`);
  return {
    sentinel,
    address,
    call: async (path, body) => {
      const response = await fetch(`${sentinel.url}${path}`, body === undefined ? {} : { method: "POST", body });
      return `${response.status} ${await response.text()}`;
    },
    incident: (open) =>
      until(
        open ? "the incident to be open" : "the incident to be resolved",
        async () => {
          const { data } = await sentinel.call<{ data: Incident[] }>("GET", "/api/v1/incidents");
          expect(data.length).toBeLessThanOrEqual(1);
          return data.find(({ resolvedAt }) => (resolvedAt === null) === open);
        },
        GUARD_MS,
      ),
    failed: (reason) =>
      until(
        `a round with ${reason}`,
        async () => {
          const { data } = await sentinel.call<{ data: Check[] }>("GET", `/api/v1/monitors/${id}/checks`);
          return data.find(({ endpoints }) => endpoints[0]?.reason === reason);
        },
        GUARD_MS,
      ),
  };
}

test(
  "in one process: a failure that was acknowledged is told though the process is killed at once, and silence after it",
  async () => {
    const { sentinel, call, address, incident, failed } = await stageOf({});
    expect(await call(address.path)).toBe("200 OK");
    expect(await call(`${address.path}/3`, "no space left on device")).toBe("200 OK");
    sentinel.kill("SIGKILL");
    await sentinel.exited();
    sentinel.start();
    await sentinel.ready();
    expect(await incident(true)).toMatchObject({ resolvedAt: null });
    const [endpoint] = (await failed("heartbeat_failed")).endpoints;
    expect(endpoint?.evidence?.bodyHead).toBe("no space left on device");
    expect(endpoint?.evidence?.params).toMatchObject({ exitCode: "3" });
    expect(await call(`${address.slugPath}/start`)).toBe("200 OK");
    expect(await call(address.slugPath)).toBe("200 OK");
    const { id } = await incident(false);
    expect((await failed("heartbeat_missed")).endpoints[0]?.evidence?.params).toMatchObject({
      lastPing: expect.stringMatching(/ UTC$/),
      expectedBy: expect.stringMatching(/ UTC$/),
    });
    expect(await incident(true)).toMatchObject({ id, reopened: 1 });
  },
  TIMEOUT_MS,
);

test(
  "in a process per service: one incident opens when a push says down, and resolves when it says up",
  async () => {
    const nats = await startNats();
    stops.push(() => nats.stop());
    const postgres = await startTestPostgres();
    stops.push(() => postgres.stop());
    const database = await postgres.createDatabase([]);
    const env = { SENTINEL_NATS_URL: nats.url, SENTINEL_DATABASE_URL: database.url };
    const { call, address, incident } = await stageOf({ args: ["--distributed", "--incidents", "2"] }, env);
    expect(await call(`${address.pushPath}?status=down&msg=disk%20full&ping=`)).toBe('200 {"ok":true}');
    const { id } = await incident(true);
    expect(await call(`${address.pushPath}?status=up&msg=OK&ping=12`)).toBe('200 {"ok":true}');
    expect(await incident(false)).toMatchObject({ id, reopened: 0 });
    expect(await call("/api/push/nobodys")).toBe('404 {"ok":false,"msg":"Monitor not found or not active."}');
  },
  TIMEOUT_MS,
);
