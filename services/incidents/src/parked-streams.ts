import { type ParkedStream, type ProjectionDefinition, unpark } from "@sentinel/eventstore";
import { type Database, postgresEventStore, postgresProjections, type Tx } from "@sentinel/eventstore/postgres";
import type { Clock } from "@sentinel/service-kit";
import { kpiProjection } from "./project-kpis.ts";
import { KPI_PROJECTION } from "./store/kpi-table.ts";
import { foldTx } from "./store/postgres/postgres-fold-store.ts";

/** A stream with an event that a read model could not use, and which one. */
export interface ParkedProjection extends ParkedStream {
  readonly projection: string;
}

const definition: ProjectionDefinition<Tx> = {
  name: kpiProjection.name,
  version: kpiProjection.version,
  apply: (tx, events) => kpiProjection.apply(foldTx(tx), events),
  drop: (tx, version) => kpiProjection.drop(foldTx(tx), version),
};

/** Streams that read models have stopped following, the earliest first. */
export async function parkedStreams(database: Database): Promise<readonly ParkedProjection[]> {
  const key = { name: definition.name, generation: definition.version };
  const parked = await database.transaction((tx) => postgresProjections.parked(tx, key));
  return parked.map((each) => ({ ...each, projection: KPI_PROJECTION }));
}

/**
 * Applies what a parked stream has waiting and lets it go on, all or nothing; also while the service runs. False when it
 * stays parked, with the reason it has now.
 * @throws SentinelError `database_*`
 */
export async function releaseStream(database: Database, clock: Clock, stream: string): Promise<boolean> {
  return await unpark({ store: postgresEventStore, database, tables: postgresProjections, clock }, definition, stream);
}
