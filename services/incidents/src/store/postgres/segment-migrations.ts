import type { Migration } from "@sentinel/eventstore/postgres";

/** Makes the partitions of a table that rows with these instants need; months have an end of their own. */
const partitionsFor = (table: string, column: string, from: string, unit: "day" | "month", settings = ""): string => `
DO $$
DECLARE start timestamptz;
BEGIN
  FOR start IN SELECT DISTINCT date_trunc('${unit}', to_timestamp(${column} / 1000), 'UTC') FROM ${from} LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF ${table} FOR VALUES FROM (%s) TO (%s) ${settings}',
      '${table}_' || to_char(start AT TIME ZONE 'UTC', '${unit === "day" ? "YYYYMMDD" : "YYYYMM"}'),
      (extract(epoch FROM start) * 1000)::bigint,
      (extract(epoch FROM (start AT TIME ZONE 'UTC' + interval '1 ${unit}') AT TIME ZONE 'UTC') * 1000)::bigint);
  END LOOP;
END $$;
`;

const sized = (value: string): string => `int4send(octet_length(${value})) || ${value}`;
const sizedText = (column: string): string => sized(`convert_to(c.${column}, 'UTF8')`);

/** Hot rounds as segments, and all classes of the check log in partitions. */
export const segmentMigrations: readonly Migration[] = [
  {
    id: 130,
    name: "check-segments",
    sql: `
CREATE SEQUENCE check_segment_ids;
CREATE TABLE check_segments (
  hour_ms bigint NOT NULL,
  id bigint NOT NULL DEFAULT nextval('check_segment_ids'),
  from_ms bigint NOT NULL,
  to_ms bigint NOT NULL,
  rounds integer NOT NULL,
  counted boolean NOT NULL DEFAULT false,
  keys integer[],
  data bytea NOT NULL,
  PRIMARY KEY (hour_ms, id)
) PARTITION BY RANGE (hour_ms);
ALTER TABLE check_segments ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE check_segments IS 'Rounds of one hour that came together and are not packed yet, compressed, in daily partitions; not events.';
COMMENT ON COLUMN check_segments.keys IS 'Hashes of the ids of its monitors, to search by; null when it may have any.';
COMMENT ON COLUMN check_segments.counted IS 'Its rounds are in uptime_hourly already.';
${partitionsFor("check_segments", "slot_ms", "checks", "day")}
INSERT INTO check_segments (hour_ms, from_ms, to_ms, rounds, counted, data)
SELECT hour_ms, min(slot_ms), max(slot_ms), count(*), true,
  '\\x02'::bytea || string_agg(int8send(slot_ms) || float8send(duration_ms::text::float8) || texts || ${sized("c.payload")}, ''::bytea ORDER BY slot_ms)
FROM (
  SELECT c.slot_ms / 3600000 * 3600000 AS hour_ms, c.slot_ms, c.duration_ms, c.payload,
    ${["monitor_id", "region", "verdict", "reason"].map(sizedText).join(" || ")} AS texts,
    (row_number() OVER (ORDER BY c.slot_ms / 3600000, c.monitor_id, c.slot_ms) - 1) / 200 AS segment
  FROM checks c
) c
GROUP BY hour_ms, segment ORDER BY hour_ms, segment;
DROP TABLE checks;

ALTER TABLE check_evidence RENAME TO former_evidence;
ALTER INDEX check_evidence_pkey RENAME TO former_evidence_pkey;
CREATE TABLE check_evidence (
  monitor_id text NOT NULL,
  region text NOT NULL,
  slot_ms bigint NOT NULL,
  result bytea NOT NULL,
  PRIMARY KEY (monitor_id, slot_ms, region)
) PARTITION BY RANGE (slot_ms);
COMMENT ON TABLE check_evidence IS 'What was seen of failing rounds, in daily partitions.';
${partitionsFor("check_evidence", "slot_ms", "former_evidence", "day")}
INSERT INTO check_evidence SELECT monitor_id, region, slot_ms, result FROM former_evidence;
DROP TABLE former_evidence;

ALTER TABLE uptime_hourly RENAME TO former_uptime;
ALTER INDEX uptime_hourly_pkey RENAME TO former_uptime_pkey;
CREATE TABLE uptime_hourly (
  monitor_id text NOT NULL,
  hour_ms bigint NOT NULL,
  healthy integer NOT NULL,
  degraded integer NOT NULL,
  down integer NOT NULL,
  unknown integer NOT NULL,
  missed integer NOT NULL,
  PRIMARY KEY (monitor_id, hour_ms)
) PARTITION BY RANGE (hour_ms);
COMMENT ON TABLE uptime_hourly IS 'Packed rounds by verdict, in daily partitions; those of hot rounds are counted when they are read.';
${partitionsFor("uptime_hourly", "hour_ms", "former_uptime", "day")}
INSERT INTO uptime_hourly SELECT monitor_id, hour_ms, healthy, degraded, down, unknown, missed FROM former_uptime;
DROP TABLE former_uptime;

ALTER TABLE check_days RENAME TO former_days;
ALTER INDEX check_days_pkey RENAME TO former_days_pkey;
ALTER INDEX check_days_day RENAME TO former_days_day;
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
) PARTITION BY RANGE (day_ms);
ALTER TABLE check_days ALTER COLUMN latency SET STORAGE EXTERNAL;
COMMENT ON TABLE check_days IS 'Sums of what check_chunks holds or has held, in monthly partitions: time by verdict, and a histogram of response times.';
${partitionsFor("check_days", "day_ms", "former_days", "month", "WITH (fillfactor = 70)")}
INSERT INTO check_days SELECT monitor_id, day_ms, region, up_ms, down_ms, unknown_ms, missed_ms, latency FROM former_days;
DROP TABLE former_days;
`,
  },
];
