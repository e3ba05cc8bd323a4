// Writes one sample of stored bytes per event type and version to the corpus, where it is missing. What is there is
// frozen: it stands for events in somebody's log, and is never written again.
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  create,
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { readDescriptorSet } from "@sentinel/contracts/descriptor";
import { decodeEvent, EVENT_TYPES_STORED } from "@sentinel/contracts/events";

const folder = join(import.meta.dirname, "../packages/contracts/src/events/corpus");
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readDescriptorSet()));

/** A different value for each field, so that a mix-up of two of them is noticed. */
function scalarOf(type: ScalarType, name: string, n: number): string | number | bigint | boolean | Uint8Array {
  if (type === ScalarType.STRING) return `${name} ${n} é`;
  if (type === ScalarType.BYTES) return new TextEncoder().encode(`${name} ${n}`);
  if (type === ScalarType.BOOL) return true;
  if (type === ScalarType.DOUBLE || type === ScalarType.FLOAT) return n + 0.5;
  if (type === ScalarType.INT64) return 1_700_000_000_000n + BigInt(n);
  return 1000 + n;
}

const enumOf = ({ values }: DescEnum, n: number): number => values[1 + (n % (values.length - 1))]?.number ?? 0;

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

let count = 0;

function fill(message: ReflectMessage, only?: string): void {
  for (const field of message.fields) {
    if (only !== undefined && field.localName !== only) continue;
    count += 1;
    setField(message, field, count);
  }
}

function filled(desc: DescMessage): ReflectMessage {
  const message = reflect(desc, create(desc));
  fill(message);
  return message;
}

function setField(message: ReflectMessage, field: DescField, n: number): void {
  switch (field.fieldKind) {
    case "scalar":
      message.set(field, scalarOf(field.scalar, field.name, n));
      return;
    case "enum":
      message.set(field, enumOf(field.enum, n));
      return;
    case "message":
      message.set(field, filled(field.message));
      return;
    case "map":
      message.get(field).set("key", `value ${n}`);
      return;
    case "list": {
      const list = message.get(field);
      for (const each of [n, n + 1]) {
        if (field.listKind === "message") list.add(filled(field.message));
        else if (field.listKind === "enum") list.add(enumOf(field.enum, each));
        else list.add(scalarOf(field.scalar, field.name, each));
      }
    }
  }
}

function sampleOf(type: string): Uint8Array {
  const [family = "", name = ""] = type.split(".");
  const isIncident = family === "incident";
  const messageName = isIncident
    ? "sentinel.incidents.v1.IncidentEvent"
    : `sentinel.monitors.v1.${capital(family)}${capital(name)}`;
  const desc = registry.getMessage(messageName);
  if (desc === undefined) throw new RangeError(`There is no message ${messageName} for ${type}.`);
  const sample: Message = create(desc);
  fill(reflect(desc, sample), isIncident ? name : undefined);
  return toBinary(desc, sample);
}

for (const [type, { version }] of Object.entries(EVENT_TYPES_STORED)) {
  const file = join(folder, `${type}.v${version}.json`);
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (there) continue;
  count = 0;
  const payload = sampleOf(type);
  const stored = { type, schemaVersion: version, payload };
  const means = decodeEvent(stored);
  const json = JSON.stringify(
    { type, schemaVersion: version, payload: Buffer.from(payload).toString("base64"), means },
    asText,
    2,
  );
  await writeFile(file, `${json}\n`);
  process.stdout.write(`${file}\n`);
}

function asText(key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
  return key === "_unknownFields" ? undefined : value;
}
