import { createTestDatabase } from "@sentinel/testkit";
import { projectionContract } from "../contract/projection.ts";
import {
  createPostgresEventStore,
  eventstoreMigrations,
  openDatabase,
  openPostgresHints,
  postgresProjections,
} from "./index.ts";

projectionContract("postgres", async () => {
  const test = await createTestDatabase(eventstoreMigrations);
  const database = await openDatabase(test.url, { max: 8 });
  const hints = await openPostgresHints(test.url);
  await database.sql`
    CREATE TABLE history (name text, generation integer, stream text, versions bigint[],
      PRIMARY KEY (name, generation, stream))`;
  return {
    store: createPostgresEventStore(),
    database,
    hints,
    tables: postgresProjections,
    history: {
      add: async (tx, generation, name, { stream, version }) => {
        await tx`
          INSERT INTO history AS h VALUES (${name}, ${generation}, ${stream}, ARRAY[${version}::bigint])
          ON CONFLICT (name, generation, stream) DO UPDATE SET versions = h.versions || excluded.versions`;
      },
      all: async (tx, generation, name) => {
        const rows = await tx<{ stream: string; versions: readonly string[] }[]>`
          SELECT stream, versions::text[] FROM history WHERE name = ${name} AND generation = ${generation}`;
        return new Map(rows.map(({ stream, versions }) => [stream, versions.map(Number)]));
      },
      drop: async (tx, generation, name) => {
        await tx`DELETE FROM history WHERE name = ${name} AND generation = ${generation}`;
      },
    },
    close: async () => {
      await hints.close();
      await database.close();
      await test.drop();
    },
  };
});
