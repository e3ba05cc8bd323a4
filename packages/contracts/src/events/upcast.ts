import type { EventType } from "./event-types.ts";

/** Turns the payload of one version into that of the next; pure, and frozen once released. */
export type Upcaster = (payload: Uint8Array) => Uint8Array;

/** An event as it is stored: what it means depends on its type and version. */
export interface StoredPayload {
  readonly type: string;
  readonly schemaVersion: number;
  readonly payload: Uint8Array;
}

/**
 * The payload as today's version would have written it; undefined where type or version is one this program does not
 * know, because a newer one wrote it.
 */
export function upcast(
  types: Readonly<Record<string, EventType>>,
  { type, schemaVersion, payload }: StoredPayload,
): Uint8Array | undefined {
  const known = types[type];
  if (known === undefined || schemaVersion > known.version) return undefined;
  let current = payload;
  for (let version = schemaVersion; version < known.version; version += 1) {
    const next = known.upcasters[version];
    if (next === undefined) return undefined;
    current = next(current);
  }
  return current;
}
