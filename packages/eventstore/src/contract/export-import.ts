import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { exportLog } from "../export-log.ts";
import { importLog } from "../import-log.ts";
import type { StoredEvent } from "../store.ts";
import { verifyLog } from "../verify-log.ts";
import { append, appendTo, newEvent, newStream, type OpenStore, type StoreHandle } from "./store-handle.ts";

export function exportImportContract<Tx>(handle: StoreHandle<Tx>, openEmpty: () => Promise<OpenStore<Tx>>): void {
  describe("export and import", () => {
    let empty: OpenStore<Tx>;
    let lines: readonly string[] = [];
    beforeAll(async () => {
      empty = await openEmpty();
      const odd = { metadata: { b: "é\n", a: "\u2028" }, payload: Uint8Array.of(), atMs: -1 };
      await append(
        handle,
        appendTo(newStream(), [newEvent(odd), newEvent({ payload: new Uint8Array(300).fill(255) })]),
      );
      for (let i = 0; i < 5; i += 1) await append(handle, appendTo(newStream(), [newEvent()]));
      lines = await exported(handle.current);
    });
    afterAll(() => empty.close());

    const failureOf = (changed: readonly string[]): Promise<unknown> =>
      importLog(empty.store, empty.database, changed).catch((thrown: unknown) => thrown);
    const refused = async (changed: readonly string[]): Promise<unknown> => {
      const failure = await failureOf(changed);
      expect((await verifyLog(empty.store, empty.database)).events).toBe(0);
      return failure;
    };

    test("refuses a file cut short anywhere, with its last line, and writes nothing", async () => {
      for (const length of [0, 1, 2, lines.length - 1]) {
        expect(await refused(lines.slice(0, length))).toMatchObject({
          code: "log_file_truncated",
          params: { line: String(length) },
        });
      }
      const half = [...lines.slice(0, -1), lines.at(-1)?.slice(0, -9) ?? ""];
      expect(await refused(half)).toMatchObject({ code: "log_file_unknown", params: { line: String(lines.length) } });
    });

    test("refuses lines that are missing, doubled, swapped or too many, and writes nothing", async () => {
      const [second = "", third = ""] = lines.slice(1, 3);
      for (const changed of [
        lines.toSpliced(1, 1),
        lines.toSpliced(-2, 1),
        lines.toSpliced(1, 0, second),
        lines.with(1, third).with(2, second),
      ]) {
        expect(await refused(changed)).toMatchObject({ code: "log_file_altered" });
      }
      expect(await refused([...lines, ""])).toMatchObject({ code: "log_file_unknown" });
      expect(await refused(lines.slice(1))).toMatchObject({ code: "log_file_unknown", params: { line: "1" } });
    });

    test("refuses a file in which any one character was altered, and writes nothing", async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.nat(), async (row, column) => {
          const index = row % lines.length;
          const line = lines[index] ?? "";
          const at = column % line.length;
          const other = line[at] === "7" ? "8" : "7";
          const changed = lines.with(index, line.slice(0, at) + other + line.slice(at + 1));
          const code: unknown = expect.stringMatching(/^log_file_(altered|unknown)$/);
          expect(await failureOf(changed)).toMatchObject({ code });
        }),
        { numRuns: 60 },
      );
      expect((await verifyLog(empty.store, empty.database)).events).toBe(0);
    }, 120_000);

    test("refuses an event that cannot be read, naming its line and id, and writes nothing", async () => {
      const { id, type, stream } = JSON.parse(lines[2] ?? "");
      const decode = (event: StoredEvent): void => {
        if (event.id === id) throw new RangeError("premature EOF");
      };
      await expect(importLog(empty.store, empty.database, lines, decode)).rejects.toMatchObject({
        code: "log_event_unreadable",
        params: { line: "3", event: id, type, stream },
      });
      expect((await verifyLog(empty.store, empty.database)).events).toBe(0);
    });

    test("an import is the same log, byte by byte, and only an empty log takes it", async () => {
      const events = await importLog(empty.store, empty.database, lines);
      expect(events).toBe(lines.length - 2);
      expect(await exported(empty)).toEqual(lines);
      expect(await verifyLog(empty.store, empty.database)).toEqual({ events, damage: undefined });
      await expect(importLog(empty.store, empty.database, lines)).rejects.toMatchObject({
        code: "log_not_empty",
        params: { events: String(events) },
      });
    });
  });
}

async function exported<Tx>({ store, database }: OpenStore<Tx>): Promise<readonly string[]> {
  const lines: string[] = [];
  const events = await exportLog(store, database, async (some) => void lines.push(...some));
  expect(lines).toHaveLength(events + 2);
  return lines;
}
