import type { Migration } from "./migrate.ts";

/** The store's own schema steps; ids 1 to 99 are theirs. */
export const eventstoreMigrations: readonly Migration[] = [
  {
    id: 1,
    name: "events",
    sql: `
CREATE TABLE heads (
  part smallint PRIMARY KEY,
  head bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32)
) WITH (fillfactor = 50);
COMMENT ON TABLE heads IS 'Last position and hash per partition; taken first by each append, so positions have no gaps.';
INSERT INTO heads SELECT part, 0, decode(repeat('00', 32), 'hex') FROM generate_series(0, 63) AS part;

CREATE TABLE events (
  part smallint NOT NULL,
  gpos bigint NOT NULL,
  stream text NOT NULL,
  version bigint NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  schema_version smallint NOT NULL,
  payload bytea NOT NULL,
  metadata jsonb NOT NULL,
  at_ms bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (part, gpos),
  UNIQUE (stream, version),
  UNIQUE (event_id)
);
COMMENT ON COLUMN events.hash IS 'SHA-256 over the previous hash of the partition and the canonical bytes of this row.';

CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are immutable: % on % refused', tg_op, tg_table_name
    USING ERRCODE = 'restrict_violation',
          HINT = 'Append a new event that corrects the old one; history is never rewritten.';
END $$;
CREATE TRIGGER events_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change();
REVOKE UPDATE, DELETE, TRUNCATE ON events FROM PUBLIC, CURRENT_USER;
`,
  },
];
