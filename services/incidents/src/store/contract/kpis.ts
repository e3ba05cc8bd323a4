import { IncidentEvent, IncidentOpened, Resolution } from "@sentinel/contracts";
import { schemaVersionOf } from "@sentinel/contracts/events";
import { describe, expect, test } from "@jest/globals";
import { VirtualClock } from "@sentinel/testkit";
import { T0 } from "../../core/fixtures.ts";
import { noKpis } from "../../core/kpis.ts";
import { kpiProjection } from "../../project-kpis.ts";
import { type FoldStoreHandle, fresh, within } from "./open-fold-store.ts";

type Case = NonNullable<IncidentEvent["event"]>;

const DAY_MS = 86_400_000;

/** Numbers that no other test of the suite gives to an incident. */
let incidentId = 900_000;

export function kpisContract(handle: FoldStoreHandle): void {
  const append = async (id: number, at: number, payload: Uint8Array, type: string): Promise<void> => {
    const event = { id: fresh("evt"), type, schemaVersion: schemaVersionOf(type), payload, metadata: {}, atMs: at };
    await within(handle, (tx) => tx.events.append([{ stream: `incident-${id}`, expected: "any", events: [event] }]));
  };
  const happen = (id: number, at: number, event: Case): Promise<void> =>
    append(id, at, IncidentEvent.encode({ event }).finish(), `incident.${event.$case}`);
  const open = async (monitorId: string, startedAtMs: number): Promise<number> => {
    incidentId += 1;
    const value = IncidentOpened.fromPartial({ incidentId, monitorId, monitorName: `${monitorId} name`, startedAtMs });
    await happen(incidentId, startedAtMs + 10, { $case: "opened", value });
    return incidentId;
  };
  const resolve = (id: number, at: number): Promise<void> =>
    happen(id, at, {
      $case: "resolved",
      value: { resolution: Resolution.AUTO_FIX, actor: "", downtimeMs: 90, verifiedBySlotMs: 0 },
    });
  /** Runs the projection; the clock stands, so nothing but the hint of an append wakes it. */
  const start = () => {
    const stop = new AbortController();
    const parked: string[] = [];
    const waiting = new Set<() => void>();
    const options = { clock: new VirtualClock(), signal: stop.signal, pollMs: DAY_MS };
    const ended = handle.current.store.project(kpiProjection, options, {
      onCaughtUp: () => waiting.forEach((wake) => wake()),
      onParked: ({ stream }) => parked.push(stream),
    });
    /** Waits until the figures of a monitor are these. */
    const until = async (monitorId: string, done: (found: Awaited<ReturnType<typeof figures>>) => boolean) => {
      for (;;) {
        const next = new Promise<void>((wake) => waiting.add(wake));
        const found = await figures(monitorId);
        if (done(found)) return found;
        await next;
      }
    };
    const end = async (): Promise<string> => {
      stop.abort();
      return await ended;
    };
    return { parked, until, end };
  };
  const figures = async (monitorId: string) => {
    const found = await within(handle, (tx) => tx.kpis.since(T0 - 10 * DAY_MS));
    return (found?.days ?? []).filter((day) => day.monitorId === monitorId);
  };

  describe("incident figures", () => {
    test("are sums by monitor and day, made from the log as soon as something is appended", async () => {
      const [shop, other] = [fresh("mon"), fresh("mon")];
      await open(shop, T0 - DAY_MS);
      const runner = start();
      const first = await open(shop, T0);
      const second = await open(shop, T0 + 1000);
      await open(other, T0);
      await happen(first, T0 + 30, { $case: "acknowledged", value: { actor: "ada" } });
      await resolve(first, T0 + 100);
      await resolve(second, T0 + 1100);
      const found = await runner.until(shop, (days) => days[1]?.kpis.resolutions === 2);
      expect(found).toEqual([
        {
          monitorId: shop,
          monitorName: `${shop} name`,
          dayMs: T0 - DAY_MS,
          kpis: { ...noKpis, incidents: 1, detections: 1, detectionMs: 10 },
        },
        {
          monitorId: shop,
          monitorName: `${shop} name`,
          dayMs: T0,
          kpis: {
            incidents: 2,
            autoFixes: 2,
            downtimeMs: 180,
            detections: 2,
            detectionMs: 20,
            acknowledgements: 1,
            acknowledgementMs: 20,
            resolutions: 2,
            resolutionMs: 200,
          },
        },
      ]);
      expect(await figures(other)).toMatchObject([{ kpis: { incidents: 1 } }]);
      expect((await within(handle, (tx) => tx.kpis.since(T0)))?.days.every(({ dayMs }) => dayMs >= T0)).toBe(true);
      expect(await runner.end()).toBe("ended");
    });

    test("leave out an incident from the event on that cannot be read, and say so; the rest is counted", async () => {
      const monitor = fresh("mon");
      const runner = start();
      const bad = await open(monitor, T0);
      await append(bad, T0 + 20, Uint8Array.of(10, 200, 1, 3), "incident.acknowledged");
      await resolve(bad, T0 + 50);
      const good = await open(monitor, T0);
      await resolve(good, T0 + 50);
      const [day] = await runner.until(monitor, ([first]) => first?.kpis.resolutions === 1);
      await runner.end();
      expect(day?.kpis).toMatchObject({ incidents: 2, resolutions: 1 });
      expect(runner.parked).toEqual([`incident-${bad}`]);
      expect(await within(handle, (tx) => tx.kpis.parkedStreams(kpiProjection.version))).toBe(1);
    });

    test("of a generation that is dropped are gone, those of another stay", async () => {
      const day = { monitorId: fresh("mon"), monitorName: "x", dayMs: T0, kpis: { ...noKpis, incidents: 1 } };
      const { version } = kpiProjection;
      await within(handle, async (tx) => {
        await tx.kpis.add(version, [day]);
        await tx.kpis.add(version - 1, [day]);
        await tx.kpis.drop(version - 1);
      });
      expect(await figures(day.monitorId)).toEqual([day]);
    });
  });
}
