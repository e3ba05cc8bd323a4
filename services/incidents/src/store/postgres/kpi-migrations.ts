import type { Migration } from "@sentinel/eventstore/postgres";

/** The read model of incident figures; made anew from the event log whenever it is not there. */
export const kpiMigrations: readonly Migration[] = [
  {
    id: 120,
    name: "incident-kpis",
    sql: `
CREATE TABLE incident_kpi_runs (
  generation integer NOT NULL,
  incident_id integer NOT NULL,
  monitor_id text NOT NULL,
  monitor_name text NOT NULL,
  day_ms bigint NOT NULL,
  started_at_ms bigint NOT NULL,
  detected_at_ms bigint NOT NULL,
  acknowledged boolean NOT NULL,
  PRIMARY KEY (generation, incident_id)
);
COMMENT ON TABLE incident_kpi_runs IS 'What must be remembered of an incident between its events to count its figures.';

CREATE TABLE incident_kpis (
  generation integer NOT NULL,
  day_ms bigint NOT NULL,
  monitor_id text NOT NULL,
  monitor_name text NOT NULL,
  incidents bigint NOT NULL,
  auto_fixes bigint NOT NULL,
  downtime_ms bigint NOT NULL,
  detections bigint NOT NULL,
  detection_ms bigint NOT NULL,
  acknowledgements bigint NOT NULL,
  acknowledgement_ms bigint NOT NULL,
  resolutions bigint NOT NULL,
  resolution_ms bigint NOT NULL,
  PRIMARY KEY (generation, day_ms, monitor_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE incident_kpis IS 'Sums and counts per monitor and UTC day on which incidents began, projected from the event log.';
`,
  },
];
