import type { Migration } from "@sentinel/eventstore/postgres";
import { heartbeatMigrations } from "./heartbeat-migrations.ts";
import { kpiMigrations } from "./kpi-migrations.ts";
import { memberMigrations } from "./member-migrations.ts";
import { windowMigrations } from "./window-migrations.ts";
import { segmentMigrations } from "./segment-migrations.ts";

/** The schema of the incidents service; ids from 100 on. */
export const incidentsMigrations: readonly Migration[] = [
  {
    id: 100,
    name: "incidents",
    sql: `
CREATE TABLE partitions (
  part smallint PRIMARY KEY,
  owner text NOT NULL DEFAULT '',
  epoch bigint NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL DEFAULT '-infinity',
  stream_epoch text NOT NULL DEFAULT '',
  last_seq bigint NOT NULL DEFAULT 0,
  revision bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE partitions IS 'Lease, fence and cursor of each partition of checks; locked first, in order, by whoever changes its monitors.';
INSERT INTO partitions (part) SELECT generate_series(0, 63);

CREATE TABLE monitors (
  id text PRIMARY KEY,
  name text NOT NULL,
  monitor bytea NOT NULL,
  deleted_at_ms bigint
);
CREATE UNIQUE INDEX monitors_name ON monitors (name) WHERE deleted_at_ms IS NULL;

CREATE TABLE monitor_state (
  monitor_id text PRIMARY KEY,
  state jsonb NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE checks (
  monitor_id text NOT NULL,
  region text NOT NULL,
  slot_ms bigint NOT NULL,
  verdict text NOT NULL,
  duration_ms real NOT NULL,
  reason text NOT NULL,
  payload bytea NOT NULL,
  PRIMARY KEY (monitor_id, slot_ms, region)
) PARTITION BY RANGE (slot_ms);
COMMENT ON TABLE checks IS 'One row per round, in daily partitions made ahead of need; not events.';

CREATE TABLE check_evidence (
  monitor_id text NOT NULL,
  region text NOT NULL,
  slot_ms bigint NOT NULL,
  result bytea NOT NULL,
  PRIMARY KEY (monitor_id, slot_ms, region)
);
CREATE INDEX check_evidence_slot ON check_evidence (slot_ms);

CREATE SEQUENCE incident_ids AS integer;
CREATE TABLE incidents (
  id integer PRIMARY KEY,
  monitor_id text NOT NULL,
  open boolean NOT NULL,
  state jsonb NOT NULL
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX incidents_one_open ON incidents (monitor_id) WHERE open;
CREATE INDEX incidents_monitor ON incidents (monitor_id, id DESC);

CREATE TABLE uptime_hourly (
  monitor_id text NOT NULL,
  hour_ms bigint NOT NULL,
  healthy integer NOT NULL,
  degraded integer NOT NULL,
  down integer NOT NULL,
  unknown integer NOT NULL,
  missed integer NOT NULL,
  PRIMARY KEY (monitor_id, hour_ms)
) WITH (fillfactor = 50);
CREATE INDEX uptime_hour ON uptime_hourly (hour_ms);

CREATE TABLE totals (
  part smallint PRIMARY KEY,
  checks bigint NOT NULL,
  incidents bigint NOT NULL,
  auto_fixes bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('event', 'command', 'notification')),
  subject text NOT NULL,
  payload bytea NOT NULL,
  key text NOT NULL UNIQUE,
  at_ms bigint NOT NULL,
  due_at_ms bigint NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  maybe_sent boolean NOT NULL DEFAULT false,
  claimed_by text NOT NULL DEFAULT '',
  done_at_ms bigint,
  traceparent text NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (kind, due_at_ms, id) WHERE done_at_ms IS NULL;
CREATE INDEX outbox_commands ON outbox (at_ms) WHERE kind = 'command';
CREATE INDEX outbox_done ON outbox (done_at_ms) WHERE done_at_ms IS NOT NULL;

CREATE TABLE repair_claims (
  incident_id integer NOT NULL,
  attempt integer NOT NULL,
  monitor_id text NOT NULL,
  executor text NOT NULL,
  claimed_at_ms bigint NOT NULL,
  deadline_ms bigint NOT NULL,
  finished_at_ms bigint,
  result text NOT NULL DEFAULT '',
  PRIMARY KEY (incident_id, attempt)
);
CREATE INDEX repair_claims_unfinished ON repair_claims (claimed_at_ms) WHERE finished_at_ms IS NULL;

CREATE TABLE dead_letters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL,
  subject text NOT NULL,
  payload bytea NOT NULL,
  reason text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE idempotency (
  key text PRIMARY KEY,
  request_hash text NOT NULL,
  response text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE channel_state (
  name text PRIMARY KEY,
  last_delivered_at_ms bigint NOT NULL DEFAULT 0,
  last_error text NOT NULL DEFAULT ''
);
`,
  },
  {
    id: 101,
    name: "check-chunks",
    sql: `
CREATE TABLE check_chunks (
  monitor_id text NOT NULL,
  hour_ms bigint NOT NULL,
  region text NOT NULL,
  rounds integer NOT NULL,
  chunk bytea NOT NULL,
  PRIMARY KEY (monitor_id, hour_ms, region)
) PARTITION BY RANGE (hour_ms);
ALTER TABLE check_chunks ALTER COLUMN chunk SET STORAGE EXTERNAL;
COMMENT ON TABLE check_chunks IS 'One row per hour of a monitor and region, in daily partitions: its rounds, packed and compressed.';

ALTER TABLE monitor_state ADD moving float8[];
COMMENT ON COLUMN monitor_state.moving IS 'What every round changes, last in the row and apart from the rest, so that the log of the database holds little else.';

CREATE TABLE check_days (
  monitor_id text NOT NULL,
  day_ms bigint NOT NULL,
  region text NOT NULL,
  up_ms bigint NOT NULL,
  down_ms bigint NOT NULL,
  unknown_ms bigint NOT NULL,
  missed_ms bigint NOT NULL,
  latency bytea NOT NULL,
  PRIMARY KEY (monitor_id, day_ms, region)
) WITH (fillfactor = 70);
ALTER TABLE check_days ALTER COLUMN latency SET STORAGE EXTERNAL;
CREATE INDEX check_days_day ON check_days USING brin (day_ms);
COMMENT ON TABLE check_days IS 'Sums of what check_chunks holds or has held: time by verdict, and a histogram of response times.';

CREATE TABLE check_packing (
  id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  packed_until_ms bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO check_packing (packed_until_ms) VALUES (0);
COMMENT ON TABLE check_packing IS 'No row due at or after this instant was ever packed: whether a newer one is new, the hot rows alone tell.';
`,
  },
  {
    id: 102,
    name: "stream-generations",
    sql: `
ALTER TABLE partitions ADD last_fingerprint text NOT NULL DEFAULT '', ADD generation integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN partitions.generation IS 'Grows when the broker made the check stream anew or numbers other messages like lost ones: places of different generations do not compare.';
`,
  },
  ...kpiMigrations,
  ...segmentMigrations,
  ...memberMigrations,
  ...heartbeatMigrations,
  ...windowMigrations,
];
