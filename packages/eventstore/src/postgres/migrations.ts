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
  {
    id: 4,
    name: "append_events",
    sql: `
CREATE FUNCTION append_events(
  in_parts smallint[], stream_parts smallint[], streams text[], expected bigint[], counts integer[],
  ids text[], types text[], schema_versions smallint[], metadata text[], ats_ms bigint[],
  tails bytea, tail_from integer[], tail_length integer[], payload_from integer[], payload_length integer[]
) RETURNS TABLE (heads bigint[], head_hashes bytea, versions bigint[], hashes bytea) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  ends bigint[];
  end_hashes bytea[];
  before bigint[];
  row_parts smallint[] := '{}';
  row_gpos bigint[] := '{}';
  row_stream integer[] := '{}';
  row_version bigint[] := '{}';
  row_hash bytea[] := '{}';
  place record;
  at integer;
  done integer := 0;
  end_gpos bigint;
  end_version bigint;
  chained bytea;
  part_bytes bytea;
  stream_bytes bytea;
BEGIN
  SELECT array_agg(h.head), array_agg(h.hash), string_agg(h.hash, '') INTO ends, end_hashes, head_hashes
  FROM (SELECT head, hash FROM heads WHERE part = ANY(in_parts) ORDER BY part FOR UPDATE) AS h;
  -- Each statement sees what was committed before it began: the locks are held by now.
  SELECT array_agg(coalesce(
      (SELECT e.version FROM events e WHERE e.stream = s.stream ORDER BY e.version DESC LIMIT 1), 0) ORDER BY s.n)
    INTO before
  FROM unnest(streams) WITH ORDINALITY AS s (stream, n);
  IF EXISTS (SELECT FROM unnest(expected, before) AS s (wanted, found)
      WHERE wanted >= 0 AND wanted <> found OR wanted = -2 AND found = 0)
    OR EXISTS (SELECT FROM events e WHERE e.event_id = ANY(ids)) THEN
    RETURN;
  END IF;
  heads := ends;
  versions := before;
  FOR place IN SELECT * FROM unnest(stream_parts, streams, counts) WITH ORDINALITY AS s (part, stream, count, n) LOOP
    at := array_position(in_parts, place.part);
    end_gpos := ends[at];
    chained := end_hashes[at];
    end_version := before[place.n];
    part_bytes := convert_to(E'sentinel-event/1\\n', 'UTF8') || int8send(place.part);
    stream_bytes := int8send(octet_length(place.stream)) || convert_to(place.stream, 'UTF8');
    FOR i IN done + 1 .. done + place.count LOOP
      end_gpos := end_gpos + 1;
      end_version := end_version + 1;
      chained := sha256(chained || part_bytes || int8send(end_gpos) || stream_bytes || int8send(end_version)
        || substring(tails FROM tail_from[i] FOR tail_length[i]));
      row_parts[i] := place.part;
      row_gpos[i] := end_gpos;
      row_stream[i] := place.n;
      row_version[i] := end_version;
      row_hash[i] := chained;
    END LOOP;
    done := done + place.count;
    ends[at] := end_gpos;
    end_hashes[at] := chained;
  END LOOP;
  UPDATE heads SET head = n.head, hash = n.hash
  FROM unnest(in_parts, ends, end_hashes) AS n (part, head, hash) WHERE heads.part = n.part;
  INSERT INTO events
    (part, gpos, stream, version, event_id, type, schema_version, payload, metadata, at_ms, hash)
  SELECT n.part, gpos, streams[n.stream], version, n.id, n.type, schema_version,
    substring(tails FROM n.payload_from FOR n.payload_length), n.metadata::jsonb, at_ms, n.hash
  FROM unnest(row_parts, row_gpos, row_stream, row_version, ids, types, schema_versions, payload_from, payload_length,
    metadata, ats_ms, row_hash)
    AS n (part, gpos, stream, version, id, type, schema_version, payload_from, payload_length, metadata, at_ms, hash);
  SELECT string_agg(r.hash, '' ORDER BY r.n) INTO hashes FROM unnest(row_hash) WITH ORDINALITY AS r (hash, n);
  RETURN NEXT;
END $$;
COMMENT ON FUNCTION append_events IS
  'append_event for many: all or no row, at the ends of different streams. tails holds the canonical bytes of each event '
  'after its version, and within them its payload. Gives the heads and versions before, and the hash of each event.';
`,
  },
  {
    id: 5,
    name: "append_plans",
    // Plans are made once for a connection, at times while the table is empty and reading it whole seems cheap.
    sql: `
ALTER FUNCTION append_event(smallint, text, bigint, text, text, smallint, bytea, jsonb, bigint, bytea, integer, integer)
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION append_events(
  smallint[], smallint[], text[], bigint[], integer[], text[], text[], smallint[], text[], bigint[],
  bytea, integer[], integer[], integer[], integer[]
) SET enable_seqscan = off SET plan_cache_mode = force_generic_plan;
`,
  },
];
