export { hydrateBinaries } from "./binaries.ts";
export { connectEmbeddedPostgres, type EmbeddedConnection } from "./connect-embedded-postgres.ts";
export { type OwnerLock, takeOwnerLock } from "./owner-lock.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type ServerLog,
  startEmbeddedPostgres,
} from "./start-embedded-postgres.ts";
