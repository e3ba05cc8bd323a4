import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { IncidentEvent } from "../index.ts";
import { describeEvent, eventData, eventType, LOCALES, renderText } from "../text/index.ts";
import {
  decodeEvent,
  decodeIncidentEvent,
  EVENT_TYPES_STORED,
  type EventType,
  schemaVersionOf,
  upcast,
} from "./index.ts";

const folder = join(import.meta.dirname, "corpus");

interface Sample {
  readonly type: string;
  readonly schemaVersion: number;
  readonly payload: string;
  readonly means: object;
}

const samples = readdirSync(folder).map((file): Sample => JSON.parse(readFileSync(join(folder, file), "utf8")));

/** As the corpus has it: bytes in base64, and unknown fields only where there are some. */
const asJson = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, each: unknown) => {
      if (each instanceof Uint8Array) return { base64: Buffer.from(each).toString("base64") };
      return key === "_unknownFields" && JSON.stringify(each) === "{}" ? undefined : each;
    }),
  );

describe("stored bytes of every event version ever released", () => {
  test.each(samples)("$type version $schemaVersion still means what it meant", ({ means, ...sample }) => {
    const stored = { ...sample, payload: new Uint8Array(Buffer.from(sample.payload, "base64")) };
    const decoded = decodeEvent(stored);
    // Fields that came later may be there too.
    expect(asJson({ decoded })).toMatchObject({ decoded: means });
    expect(JSON.stringify(asJson(decoded))).not.toContain("_unknownFields");
  });

  test("there is a sample of each version of each type", () => {
    const wanted = Object.entries(EVENT_TYPES_STORED).flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, before) => `${type}.v${before + 1}.json`),
    );
    expect(readdirSync(folder).sort()).toEqual(wanted.sort());
  });

  test("each version before today's has an upcaster", () => {
    for (const { version, upcasters } of Object.values(EVENT_TYPES_STORED)) {
      const from = Array.from({ length: version - 1 }, (_, before) => String(before + 1));
      expect(Object.keys(upcasters)).toEqual(from);
    }
  });
});

describe("upcasting", () => {
  const text = (payload: Uint8Array | undefined) =>
    payload === undefined ? undefined : new TextDecoder().decode(payload);
  const append = (suffix: string) => (payload: Uint8Array) => new TextEncoder().encode(`${text(payload)}${suffix}`);
  const types: Readonly<Record<string, EventType>> = {
    "tea.poured": { version: 3, upcasters: { 1: append(" with milk"), 2: append(" in a cup") } },
  };
  const read = (schemaVersion: number, type = "tea.poured") =>
    text(upcast(types, { type, schemaVersion, payload: new TextEncoder().encode("tea") }));

  test("takes a payload through every version up to today's", () => {
    expect([read(1), read(2), read(3)]).toEqual(["tea with milk in a cup", "tea in a cup", "tea"]);
  });

  test("leaves alone what a newer program wrote", () => {
    expect([read(4), read(1, "tea.spilt")]).toEqual([undefined, undefined]);
  });
});

describe("an event that a newer version wrote", () => {
  const opened = { type: "incident.opened", payload: new Uint8Array() };
  /** Field 99 of the message, as a case this program does not have. */
  const newCase = Uint8Array.of(0x9a, 0x06, 0x03, 0x0a, 0x01, 0x41);

  test.each([
    ["a new type", { ...opened, type: "incident.escalated", schemaVersion: 1 }],
    ["a new version of a known type", { ...opened, schemaVersion: schemaVersionOf("incident.opened") + 1 }],
    ["a new case in a known type", { ...opened, schemaVersion: 1, payload: newCase }],
  ])("%s keeps its place in the timeline, with a neutral sentence", (_, stored) => {
    const event = decodeIncidentEvent(stored);
    expect(eventType(event)).toBe("unknown");
    for (const locale of LOCALES) expect(describeEvent(locale, event)).toBe(renderText(locale, "event.unknown"));
  });

  test("is passed on to clients byte by byte where its message is known", () => {
    const event = decodeIncidentEvent({ ...opened, schemaVersion: 1, payload: newCase });
    expect(IncidentEvent.encode(event).finish()).toEqual(newCase);
  });
});

test("what a browser saw is told as a picture that can be shown, and what an answer said as text", () => {
  const event = IncidentEvent.fromPartial({
    event: {
      $case: "opened",
      value: {
        endpoints: [
          {
            evidence: {
              bodyHead: new TextEncoder().encode("été"),
              screenshot: new Uint8Array([0xff, 0xd8, 0xff, 0xe0]),
            },
          },
        ],
      },
    },
  });
  expect(eventData(event)).toMatchObject({ endpoints: [{ evidence: { bodyHead: "été", screenshot: "/9j/4A==" } }] });
});
