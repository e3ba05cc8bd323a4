export { hydrateBinaries } from "./binaries.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type ServerLog,
  startEmbeddedPostgres,
} from "./start-embedded-postgres.ts";
