import type { Migration } from "@sentinel/eventstore/postgres";

/** Who shares the partitions, and whose rows of the outbox are whose. */
export const memberMigrations: readonly Migration[] = [
  {
    id: 140,
    name: "members",
    sql: `
CREATE TABLE members (
  owner text PRIMARY KEY,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE members IS 'Processes that share the partitions; one that does not renew its row is gone.';

CREATE TABLE lead_lease (
  id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  owner text NOT NULL DEFAULT '',
  expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
INSERT INTO lead_lease DEFAULT VALUES;
COMMENT ON TABLE lead_lease IS 'The lease of the one member that answers questions and does what only one may do.';

ALTER TABLE outbox ADD part smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN outbox.part IS 'Partition of the monitor, whose owner publishes the row.';
`,
  },
];
