export { APPLICATION_ROLE, prepareApplicationRole } from "./application-role.ts";
export { createPostgresEventStore, postgresEventStore } from "./append.ts";
export { databaseError } from "./database-error.ts";
export { type Database, type DatabaseOptions, openDatabase } from "./database.ts";
export { migrate, type Migration } from "./migrate.ts";
export { openPostgresHints, type PostgresHints } from "./postgres-hints.ts";
export { eventstoreMigrations } from "./migrations.ts";
export { snapshotOf } from "./snapshot.ts";
export type { Tx } from "./transaction.ts";
