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
  {
    id: 2,
    name: "append_event",
    sql: `
CREATE FUNCTION append_event(
  in_part smallint, in_stream text, in_expected bigint, in_id text, in_type text, in_schema_version smallint,
  in_payload bytea, in_metadata jsonb, in_at_ms bigint, in_canonical bytea, in_gpos_at integer, in_version_at integer
) RETURNS TABLE (head bigint, head_hash bytea, version bigint, hash bytea) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  before_head bigint;
  before_hash bytea;
  before_version bigint;
  new_hash bytea;
BEGIN
  SELECT head, hash INTO before_head, before_hash FROM heads WHERE part = in_part FOR UPDATE;
  -- Each statement sees what was committed before it began: the lock is held by now.
  SELECT e.version INTO before_version FROM events e WHERE e.stream = in_stream ORDER BY e.version DESC LIMIT 1;
  before_version := coalesce(before_version, 0);
  IF in_expected >= 0 AND in_expected <> before_version OR in_expected = -2 AND before_version = 0
    OR EXISTS (SELECT FROM events e WHERE e.event_id = in_id) THEN
    RETURN;
  END IF;
  new_hash := sha256(before_hash || overlay(overlay(in_canonical
    PLACING int8send(before_head + 1) FROM in_gpos_at)
    PLACING int8send(before_version + 1) FROM in_version_at));
  UPDATE heads SET head = before_head + 1, hash = new_hash WHERE part = in_part;
  INSERT INTO events
    (part, gpos, stream, version, event_id, type, schema_version, payload, metadata, at_ms, hash)
  VALUES
    (in_part, before_head + 1, in_stream, before_version + 1, in_id, in_type, in_schema_version, in_payload,
     in_metadata, in_at_ms, new_hash);
  RETURN QUERY SELECT before_head, before_hash, before_version, new_hash;
END $$;
COMMENT ON FUNCTION append_event IS
  'Appends one event where that is plain: the expected version is met and the id is new. Otherwise no row and no change. '
  'Expected is a version, -1 for any, -2 for some. The canonical bytes leave position and version to be put in.';
`,
  },
  {
    id: 3,
    name: "projections",
    sql: `
CREATE TABLE projections (
  name text PRIMARY KEY,
  serving_generation integer NOT NULL DEFAULT 0
);
COMMENT ON COLUMN projections.serving_generation IS 'The generation of the read model that readers use; 0 before the first has caught up.';

CREATE TABLE projection_cursors (
  name text NOT NULL,
  generation integer NOT NULL,
  part smallint NOT NULL,
  gpos bigint NOT NULL,
  PRIMARY KEY (name, generation, part)
) WITH (fillfactor = 50);
COMMENT ON TABLE projection_cursors IS 'Last position applied, changed in the same transaction as the read model.';

CREATE TABLE projection_parked (
  name text NOT NULL,
  generation integer NOT NULL,
  stream text NOT NULL,
  gpos bigint NOT NULL,
  version bigint NOT NULL,
  part smallint NOT NULL,
  reason text NOT NULL,
  at_ms bigint NOT NULL,
  skipped bigint NOT NULL,
  PRIMARY KEY (name, generation, stream)
);
COMMENT ON TABLE projection_parked IS 'Streams that a projection has stopped following: the event that failed, why, and how many came after it.';
`,
  },
];
