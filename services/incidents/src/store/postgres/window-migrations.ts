import type { Migration } from "@sentinel/eventstore/postgres";

/** Maintenance, and incidents about an objective beside those about an outage. */
export const windowMigrations: readonly Migration[] = [
  {
    id: 160,
    name: "maintenance-windows",
    sql: `
CREATE TABLE maintenance_windows (
  id text PRIMARY KEY,
  name text NOT NULL CONSTRAINT maintenance_windows_name UNIQUE,
  "window" bytea NOT NULL
);
COMMENT ON TABLE maintenance_windows IS 'Spans of time in which what fails is expected; from sentinel.yaml and from people.';

DROP INDEX incidents_one_open;
CREATE UNIQUE INDEX incidents_one_open ON incidents (monitor_id, ((state ->> 'nature') = 'NATURE_SLO')) WHERE open;
COMMENT ON INDEX incidents_one_open IS 'One open incident about an outage and one about the objective of each monitor.';
`,
  },
];
