import type { ParkedStream, ProjectionTables } from "../projection-tables.ts";
import { texts } from "./array-literals.ts";
import type { Tx } from "./transaction.ts";

/** Where projections stand, in PostgreSQL. Lock order: the row of the projection, its cursors by partition. */
export const postgresProjections: ProjectionTables<Tx> = {
  serving: async (tx, name) => {
    const [row] = await tx<{ serving: number }[]>`
      SELECT serving_generation AS serving FROM projections WHERE name = ${name} FOR SHARE`;
    return row?.serving ?? 0;
  },
  begin: async (tx, { name, generation }) => {
    await tx`INSERT INTO projections (name) VALUES (${name}) ON CONFLICT DO NOTHING`;
    const [row] = await tx<{ serving: number }[]>`
      SELECT serving_generation AS serving FROM projections WHERE name = ${name} FOR SHARE`;
    const serving = row?.serving ?? 0;
    if (serving > generation) return serving;
    await tx`
      INSERT INTO projection_cursors (name, generation, part, gpos)
      SELECT ${name}, ${generation}::integer, part, 0 FROM heads ORDER BY part
      ON CONFLICT DO NOTHING`;
    return serving;
  },
  lockCursor: async (tx, { name, generation }, part) => {
    // A crash may take back the last transactions, cursor and read model together: they are made again from the log.
    // A read model that grows from nothing has no statistics, and reading it whole seems cheap.
    const [, [row]] = await Promise.all([
      tx`SELECT set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true)`,
      tx<{ gpos: number }[]>`
        SELECT gpos FROM projection_cursors
        WHERE name = ${name} AND generation = ${generation} AND part = ${part} FOR NO KEY UPDATE`,
    ]);
    return row?.gpos;
  },
  advance: async (tx, { name, generation }, part, gpos) => {
    await tx`
      UPDATE projection_cursors SET gpos = ${gpos}
      WHERE name = ${name} AND generation = ${generation} AND part = ${part}`;
  },
  behind: async (tx, { name, generation }) => {
    const rows = await tx<{ part: number; events: number }[]>`
      SELECT part, head - gpos AS events FROM projection_cursors JOIN heads USING (part)
      WHERE name = ${name} AND generation = ${generation} ORDER BY part`;
    return rows.length === 0 ? undefined : rows.filter(({ events }) => events > 0);
  },
  serve: async (tx, { name, generation }) => {
    const { count } = await tx`
      UPDATE projections SET serving_generation = ${generation}
      WHERE name = ${name} AND serving_generation < ${generation}`;
    return count > 0;
  },
  generations: async (tx, name) => {
    const rows = await tx<{ generation: number }[]>`
      SELECT DISTINCT generation FROM projection_cursors WHERE name = ${name} ORDER BY generation`;
    return rows.map(({ generation }) => generation);
  },
  forget: async (tx, { name, generation }) => {
    await tx`
      SELECT FROM projection_cursors WHERE name = ${name} AND generation = ${generation} ORDER BY part FOR UPDATE`;
    await tx`DELETE FROM projection_cursors WHERE name = ${name} AND generation = ${generation}`;
    await tx`DELETE FROM projection_parked WHERE name = ${name} AND generation = ${generation}`;
  },
  parked: async (tx, { name, generation }) => {
    const rows = await tx<ParkedRow[]>`
      SELECT * FROM projection_parked WHERE name = ${name} AND generation = ${generation} ORDER BY at_ms, stream`;
    return rows.map(toParked);
  },
  parkedAmong: async (tx, { name, generation }, streams) => {
    const rows = await tx<ParkedRow[]>`
      SELECT * FROM projection_parked
      WHERE name = ${name} AND generation = ${generation} AND stream = ANY(${texts(streams)}::text[])`;
    return rows.map(toParked);
  },
  park: async (tx, { name, generation }, { stream, part, gpos, version, reason, atMs, skipped }) => {
    await tx`
      INSERT INTO projection_parked (name, generation, stream, gpos, version, part, reason, at_ms, skipped)
      VALUES (${name}, ${generation}, ${stream}, ${gpos}, ${version}, ${part}, ${reason}, ${atMs}, ${skipped})
      ON CONFLICT (name, generation, stream) DO UPDATE SET
        gpos = excluded.gpos, version = excluded.version, reason = excluded.reason, at_ms = excluded.at_ms,
        skipped = excluded.skipped`;
  },
  skip: async (tx, { name, generation }, counts) => {
    await tx`
      UPDATE projection_parked p SET skipped = p.skipped + n.count
      FROM unnest(${[...counts.keys()]}::text[], ${[...counts.values()]}::integer[]) AS n (stream, count)
      WHERE p.name = ${name} AND p.generation = ${generation} AND p.stream = n.stream`;
  },
  unpark: async (tx, { name, generation }, stream) => {
    await tx`
      DELETE FROM projection_parked WHERE name = ${name} AND generation = ${generation} AND stream = ${stream}`;
  },
};

interface ParkedRow {
  readonly stream: string;
  readonly gpos: number;
  readonly version: number;
  readonly part: number;
  readonly reason: string;
  readonly at_ms: number;
  readonly skipped: number;
}

function toParked({ at_ms: atMs, stream, gpos, version, part, reason, skipped }: ParkedRow): ParkedStream {
  return { stream, gpos, version, part, reason, atMs, skipped };
}
