import { describe, expect, test } from "@jest/globals";
import { T0 } from "../../core/fixtures.ts";
import type { NewOutboxRow, OutboxRow } from "../port.ts";
import { anOutboxRow, type FoldStoreHandle, fresh, within } from "./open-fold-store.ts";

const LONG_MS = 60_000;
const SHORT_MS = 40;
const { part: PART } = anOutboxRow("event");

export function outboxContract(handle: FoldStoreHandle): void {
  const add = (...rows: NewOutboxRow[]) => within(handle, (tx) => tx.outbox.add(rows));
  const due = async (): Promise<readonly OutboxRow[]> => await within(handle, (tx) => tx.outbox.due(1000, [PART]));
  const dueOf = async (rows: readonly NewOutboxRow[]): Promise<readonly string[]> => {
    const keys = new Set(rows.map(({ key }) => key));
    return (await due()).map(({ key }) => key).filter((key) => keys.has(key));
  };
  const publish = async (row: NewOutboxRow, againInMs = LONG_MS): Promise<void> => {
    const id = (await due()).find(({ key }) => key === row.key)?.id ?? -1;
    await within(handle, (tx) => tx.outbox.published([id], T0, againInMs));
  };
  const republish = () => within(handle, (tx) => tx.outbox.republish([PART]));
  const claim = (owner: string, ttlMs = LONG_MS, limit = 1000) =>
    within(handle, (tx) => tx.outbox.claimNotifications({ owner, ttlMs, limit }));
  const settle = async (): Promise<void> => {
    // Frees what is claimed by others than nobody.
    await within(handle, (tx) => tx.outbox.abandonOthers([]));
    const rows = await claim("settle");
    if (rows.length === 0) return;
    await within(handle, (tx) =>
      tx.outbox.finish(
        rows.map(({ key }) => key),
        T0,
      ),
    );
    await settle();
  };

  describe("outbox of events and commands", () => {
    test("is given in the order of adding, whatever clock made it, with everything that was put in", async () => {
      const rows = [
        anOutboxRow("event", { traceparent: "00-aa-bb-01" }),
        anOutboxRow("command", { atMs: Number.MAX_SAFE_INTEGER }),
        anOutboxRow("event"),
      ];
      await add(...rows);
      expect(await dueOf(rows)).toEqual(rows.map(({ key }) => key));
      const [first] = (await due()).filter(({ key }) => key === rows[0]?.key);
      expect(first).toMatchObject({ ...rows[0], attempts: 0, maybeSent: false });
    });

    test("is given, and made due again, for the partitions asked for and no others", async () => {
      const rows = [PART, PART + 1].map((part) => anOutboxRow("command", { part }));
      await add(...rows);
      const keysOf = async (parts: readonly number[]) =>
        (await within(handle, (tx) => tx.outbox.due(1000, parts))).flatMap(({ key, part }) =>
          rows.some((row) => row.key === key) ? [part] : [],
        );
      expect(await keysOf([PART + 1])).toEqual([PART + 1]);
      expect(await keysOf([])).toEqual([]);
      const ids = await within(handle, (tx) => tx.outbox.due(1000, [PART, PART + 1]));
      await within(handle, (tx) =>
        tx.outbox.published(
          ids.map(({ id }) => id),
          T0,
          LONG_MS,
        ),
      );
      await within(handle, (tx) => tx.outbox.republish([PART + 1]));
      expect(await keysOf([PART, PART + 1])).toEqual([PART + 1]);
      await within(handle, (tx) =>
        tx.outbox.finish(
          rows.map(({ key }) => key),
          T0,
        ),
      );
    });

    test("a key is kept once, and the first row stays as it is", async () => {
      const row = anOutboxRow("event");
      await add(row, { ...row, subject: "evt.v1.1.other" });
      await add({ ...row, payload: Uint8Array.of(9) });
      const found = (await due()).filter(({ key }) => key === row.key);
      expect(found).toMatchObject([{ subject: row.subject, payload: row.payload }]);
    });

    test("a published event is done", async () => {
      const row = anOutboxRow("event");
      await add(row);
      await publish(row, 0);
      expect(await dueOf([row])).toEqual([]);
    });

    test("a published command comes again at its time, with its tries counted, until it is finished", async () => {
      const [row, later] = [anOutboxRow("command"), anOutboxRow("command")];
      await add(row, later);
      await publish(row, SHORT_MS);
      await publish(later);
      await handle.current.expire(SHORT_MS);
      expect(await dueOf([row, later])).toEqual([row.key]);
      expect((await due()).find(({ key }) => key === row.key)).toMatchObject({ attempts: 1 });
      await within(handle, (tx) => tx.outbox.finish([row.key, later.key], T0));
      await republish();
      expect(await dueOf([row, later])).toEqual([]);
    });

    test("republish makes unfinished commands due at once, and nothing that is done", async () => {
      const [again, finished, event] = [anOutboxRow("command"), anOutboxRow("command"), anOutboxRow("event")];
      await add(again, finished, event);
      for (const row of [again, finished, event]) await publish(row);
      await within(handle, (tx) => tx.outbox.finish([finished.key], T0));
      await republish();
      expect(await dueOf([again, finished, event])).toEqual([again.key]);
    });

    test("finishCommands ends all commands of a subject, and none of another subject", async () => {
      const [subject, other] = [fresh("cmd.check.v1.1"), fresh("cmd.check.v1.1")];
      const rows = [
        anOutboxRow("command", { subject, atMs: T0 }),
        anOutboxRow("command", { subject, atMs: T0 + 1 }),
        anOutboxRow("command", { subject: other }),
        anOutboxRow("event", { subject }),
      ];
      await add(...rows);
      await within(handle, (tx) => tx.outbox.finishCommands(subject, T0));
      expect(await dueOf(rows)).toEqual(rows.slice(2).map(({ key }) => key));
    });

    test("counts commands of a subject prefix since an instant, finished ones too", async () => {
      const prefix = fresh("cmd.repair.v1");
      const rows = [T0, T0 + 1, T0 + 2].map((atMs) => anOutboxRow("command", { subject: `${prefix}.mon`, atMs }));
      await add(...rows, anOutboxRow("event", { subject: `${prefix}.mon`, atMs: T0 + 3 }));
      await within(handle, (tx) => tx.outbox.finish([rows[2]?.key ?? ""], T0));
      expect(await within(handle, (tx) => tx.outbox.countSince(`${prefix}.`, T0 + 1))).toBe(2);
    });

    test("says how many rows of each kind wait", async () => {
      const before = await within(handle, (tx) => tx.outbox.pending());
      const event = anOutboxRow("event");
      await add(event, anOutboxRow("command"), anOutboxRow("notification", { subject: fresh("ops") }));
      await publish(event);
      expect(await within(handle, (tx) => tx.outbox.pending())).toEqual({
        event: before.event,
        command: before.command + 1,
        notification: before.notification + 1,
      });
      await settle();
    });
  });

  describe("outbox of notifications", () => {
    const notification = (subject: string, atMs = T0): NewOutboxRow => anOutboxRow("notification", { subject, atMs });

    test("the oldest of each subject comes first, the next only when that is finished", async () => {
      const [a, b] = [fresh("ops"), fresh("ops")];
      const rows = [notification(a), notification(a), notification(b)];
      await add(...rows);
      const first = await claim("me");
      expect(first.map(({ key }) => key)).toEqual([rows[0]?.key, rows[2]?.key]);
      expect(first.map(({ attempts }) => attempts)).toEqual([1, 1]);
      expect(await claim("me")).toEqual([]);
      await within(handle, (tx) => tx.outbox.finish([rows[0]?.key ?? ""], T0));
      expect((await claim("me")).map(({ key }) => key)).toEqual([rows[1]?.key]);
      await settle();
    });

    test("they are not for the bus", async () => {
      const row = notification(fresh("ops"));
      await add(row);
      expect(await dueOf([row])).toEqual([]);
      await settle();
    });

    test("no more than the limit are taken", async () => {
      await add(...[1, 2, 3].map(() => notification(fresh("ops"))));
      expect(await claim("me", LONG_MS, 2)).toHaveLength(2);
      await settle();
    });

    test("one put back for later keeps those behind it waiting, and is not marked as sent", async () => {
      const subject = fresh("ops");
      await add(notification(subject), notification(subject));
      const [taken] = await claim("me");
      const id = taken?.id ?? -1;
      await within(handle, (tx) => tx.outbox.retry(id, { inMs: LONG_MS, maybeSent: false }));
      expect(await claim("me")).toEqual([]);
      await within(handle, (tx) => tx.outbox.retry(id, { inMs: SHORT_MS, maybeSent: false }));
      await handle.current.expire(SHORT_MS);
      expect(await claim("me")).toMatchObject([{ id: taken?.id, attempts: 2, maybeSent: false }]);
      await settle();
    });

    test("once it may have been sent it stays so, whatever became of later tries", async () => {
      await add(notification(fresh("ops")));
      const [taken] = await claim("me");
      const id = taken?.id ?? -1;
      await within(handle, (tx) => tx.outbox.retry(id, { inMs: 0, maybeSent: true }));
      expect(await claim("me")).toMatchObject([{ id, maybeSent: true }]);
      await within(handle, (tx) => tx.outbox.retry(id, { inMs: 0, maybeSent: false }));
      expect(await claim("me")).toMatchObject([{ id, attempts: 3, maybeSent: true }]);
      await settle();
    });

    test("what a vanished owner had taken is free at once and may have been sent; what is mine stays mine", async () => {
      const [theirs, mine] = [notification(fresh("ops")), notification(fresh("ops"))];
      await add(theirs);
      expect(await claim("gone")).toHaveLength(1);
      await add(mine);
      expect(await claim("me")).toMatchObject([{ key: mine.key, maybeSent: false }]);
      await within(handle, (tx) => tx.outbox.abandonOthers(["me"]));
      expect(await claim("me")).toMatchObject([{ key: theirs.key, attempts: 2, maybeSent: true }]);
      await settle();
    });

    test("a claim that is too old is abandoned even if its owner lives", async () => {
      await add(notification(fresh("ops")));
      await claim("slow", SHORT_MS);
      await handle.current.expire(SHORT_MS);
      expect(await claim("me", LONG_MS)).toMatchObject([{ attempts: 2, maybeSent: true }]);
      await settle();
    });
  });
}
