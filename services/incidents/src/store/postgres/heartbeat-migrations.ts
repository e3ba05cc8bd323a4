import type { Migration } from "@sentinel/eventstore/postgres";

/** What monitors that wait to be called have heard. */
export const heartbeatMigrations: readonly Migration[] = [
  {
    id: 150,
    name: "heartbeats",
    sql: `
CREATE TABLE ping_tokens (
  owner text PRIMARY KEY,
  token text NOT NULL UNIQUE
);
COMMENT ON TABLE ping_tokens IS 'The secret part of the addresses that jobs call, by monitor; of no owner, the key of all of them. Never in an event.';

CREATE TABLE pings (
  monitor_id text NOT NULL,
  seq bigint NOT NULL,
  state bytea NOT NULL,
  PRIMARY KEY (monitor_id, seq)
);
COMMENT ON TABLE pings IS 'What is known of a job after each of its last calls.';
`,
  },
];
