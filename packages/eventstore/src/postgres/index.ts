export { createPostgresEventStore, postgresEventStore } from "./append.ts";
export { databaseError } from "./database-error.ts";
export { type Database, type DatabaseOptions, openDatabase, type Tx } from "./database.ts";
export { migrate, type Migration } from "./migrate.ts";
export { eventstoreMigrations } from "./migrations.ts";
