import type { Tx } from "@sentinel/eventstore/postgres";
import type { Members } from "../port.ts";

/** The row of the lead is locked first by everybody who writes, so those who come and go take turns. */
export function postgresMembers(tx: Tx): Members {
  return {
    beat: async (owner, ttlMs, force) => {
      await tx`SELECT id FROM lead_lease FOR UPDATE`;
      await tx`DELETE FROM members WHERE owner <> ${owner} AND (${force} OR expires_at < clock_timestamp() - interval '1 minute')`;
      await tx`
        INSERT INTO members (owner, expires_at)
        VALUES (${owner}, clock_timestamp() + ${ttlMs}::float8 * interval '1 millisecond')
        ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at`;
      await tx`
        UPDATE lead_lease SET owner = ${owner}, expires_at = clock_timestamp() + ${ttlMs}::float8 * interval '1 millisecond'
        WHERE owner IN (${owner}, '') OR expires_at < clock_timestamp() OR ${force}`;
    },
    standing: async () => {
      const [row] = await tx<{ members: string[]; lead: string; owners: string[] }[]>`
        SELECT
          ARRAY(SELECT owner FROM members WHERE expires_at >= clock_timestamp() ORDER BY owner COLLATE "C") AS members,
          coalesce((SELECT owner FROM lead_lease WHERE expires_at >= clock_timestamp()), '') AS lead,
          ARRAY(SELECT CASE WHEN expires_at >= clock_timestamp() THEN owner ELSE '' END FROM partitions ORDER BY part)
            AS owners`;
      return row ?? { members: [], lead: "", owners: [] };
    },
    leave: async (owner) => {
      await tx`SELECT id FROM lead_lease FOR UPDATE`;
      await tx`DELETE FROM members WHERE owner = ${owner}`;
      await tx`UPDATE lead_lease SET owner = '' WHERE owner = ${owner}`;
    },
  };
}
