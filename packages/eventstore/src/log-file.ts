import type { StoredEvent } from "./store.ts";

/** The end of a partition as the trailer names it; partitions without events are left out. */
export interface ExportedHead {
  readonly part: number;
  readonly gpos: number;
  readonly hash: Uint8Array;
}

export interface Trailer {
  readonly events: number;
  readonly heads: readonly ExportedHead[];
}

const FORMAT = "sentinel-log/1";

export const writeHeader = (): string => JSON.stringify({ format: FORMAT });

export const isHeader = (line: string): boolean => line === writeHeader();

export function writeEvent(event: StoredEvent): string {
  const { part, gpos, stream, version, id, type, schemaVersion, atMs, metadata } = event;
  const bytes = { payload: base64(event.payload), hash: base64(event.hash) };
  return JSON.stringify({ part, gpos, stream, version, id, type, schemaVersion, atMs, metadata, ...bytes });
}

export function writeTrailer({ events, heads }: Trailer): string {
  return JSON.stringify({ events, heads: heads.map(({ part, gpos, hash }) => ({ part, gpos, hash: base64(hash) })) });
}

/** What a line after the header is; undefined when it is neither an event nor a trailer. */
export function readLine(line: string): StoredEvent | Trailer | undefined {
  const value = parsed(line);
  if (value === undefined) return undefined;
  return "heads" in value ? readTrailer(value) : readEvent(value);
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readEvent(fields: Fields): StoredEvent | undefined {
  const { stream, id, type, metadata } = fields;
  const [part, gpos, version] = [integer(fields["part"]), integer(fields["gpos"]), integer(fields["version"])];
  const [schemaVersion, atMs] = [integer(fields["schemaVersion"]), integer(fields["atMs"])];
  const [payload, hash] = [bytes(fields["payload"]), bytes(fields["hash"])];
  if (typeof stream !== "string" || typeof id !== "string" || typeof type !== "string") return undefined;
  if (part === undefined || gpos === undefined || version === undefined) return undefined;
  if (schemaVersion === undefined || atMs === undefined || payload === undefined || hash === undefined)
    return undefined;
  if (!isMetadata(metadata)) return undefined;
  return { part, gpos, stream, version, id, type, schemaVersion, atMs, metadata, payload, hash };
}

function readTrailer({ events, heads }: Fields): Trailer | undefined {
  const count = integer(events);
  if (count === undefined || !Array.isArray(heads)) return undefined;
  const read = heads.map(readHead).filter((head) => head !== undefined);
  return read.length === heads.length ? { events: count, heads: read } : undefined;
}

function readHead(value: unknown): ExportedHead | undefined {
  if (!isFields(value)) return undefined;
  const [part, gpos, hash] = [integer(value["part"]), integer(value["gpos"]), bytes(value["hash"])];
  return part === undefined || gpos === undefined || hash === undefined ? undefined : { part, gpos, hash };
}

function isMetadata(value: unknown): value is Record<string, string> {
  return isFields(value) && Object.values(value).every((each) => typeof each === "string");
}

const integer = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;

const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64");

/** Only what `base64` writes: Node would read past characters that are none. */
function bytes(value: unknown): Uint8Array | undefined {
  if (typeof value !== "string") return undefined;
  const read = Buffer.from(value, "base64");
  return read.toString("base64") === value ? new Uint8Array(read) : undefined;
}
