import { SentinelError } from "@sentinel/contracts/errors";
import {
  type Database,
  migrate,
  type Migration,
  openDatabase,
  prepareApplicationRole,
} from "@sentinel/eventstore/postgres";
import type { Log } from "@sentinel/service-kit";

/**
 * Brings the schema of a database to its last step and opens it as a role that cannot change what has happened. Where
 * the given role may not make such a one, or it may not log in, the given one is used, and the log says that only the
 * trigger protects the events.
 * @throws SentinelError `database_*`, `schema_newer`, `migration_changed`
 */
export async function openAsApplication(
  url: string,
  migrations: readonly Migration[],
  log: Pick<Log, "info" | "warn">,
): Promise<Database> {
  const given = await openDatabase(url);
  try {
    await migrate(given, migrations);
    const application = await tryApplicationRole(given, url, migrations, log);
    if (application === undefined) return given;
    await given.close();
    return application;
  } catch (thrown) {
    await given.close();
    throw thrown;
  }
}

async function tryApplicationRole(
  given: Database,
  url: string,
  migrations: readonly Migration[],
  log: Pick<Log, "info" | "warn">,
): Promise<Database | undefined> {
  const { password } = new URL(url);
  try {
    // The role's password is made from it, and without one anybody could make it.
    if (password === "") throw new RangeError("the address of the database holds no password");
    const application = await openDatabase(await prepareApplicationRole(given, url, { migrations }));
    log.info("incidents.log_protected", { role: "application" });
    return application;
  } catch (error) {
    if (error instanceof SentinelError && error.code !== "database_login_refused") throw error;
    log.warn("incidents.log_protected_by_trigger_only", { error });
    return undefined;
  }
}
