import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Database } from "./database.ts";
import type { Migration } from "./migrate.ts";
import type { Tx } from "./transaction.ts";

/** Who the services are in the database that Sentinel runs itself. */
export const APPLICATION_ROLE = "sentinel_app";

/** Tables that stay the superuser's: history and what vouches for it, and the record of the schema. */
const RIGHTS: Readonly<Record<string, string>> = {
  events: "SELECT, INSERT",
  heads: "SELECT, UPDATE",
  schema_migrations: "SELECT",
};

/** Where others may have tables too: a role for this database alone, and only what these schema steps made is its own. */
export interface SharedServer {
  readonly migrations: readonly Migration[];
}

/**
 * Makes the role that the services use, after the schema is up to date: it may append events and read them, but has no
 * right to change or delete one, nor to switch off the trigger that refuses besides; every other table is its own. It
 * gets a new password each time, which is kept nowhere. Repeat it after each change of the schema.
 * @param database Connected as a superuser; on a shared server as somebody who may make roles and owns the database.
 * @param url The address `database` was opened with.
 * @param shared On a server that is not Sentinel's own. The password is then made from that of `url`, so that services
 * which start on several machines do not lock each other out.
 * @returns the address for the services; it holds the password: never log it.
 */
export async function prepareApplicationRole(database: Database, url: string, shared?: SharedServer): Promise<string> {
  const address = new URL(url);
  const role = shared === undefined ? APPLICATION_ROLE : await roleOfDatabase(database);
  const password =
    shared === undefined
      ? randomBytes(24).toString("base64url")
      : createHmac("sha256", address.password).update(role).digest("base64url");
  await database.transaction(async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(${LOCK_KEY})`;
    await makeRole(tx, role, password);
    await tx.unsafe(`GRANT USAGE, CREATE ON SCHEMA public TO ${role}`);
    await handOver(tx, role, shared === undefined ? undefined : relationsOf(shared.migrations));
    for (const [table, rights] of Object.entries(RIGHTS)) {
      await tx.unsafe(`REVOKE ALL ON ${table} FROM ${role}`);
      await tx.unsafe(`GRANT ${rights} ON ${table} TO ${role}`);
    }
  });
  address.username = role;
  address.password = password;
  return address.href;
}

/** Arbitrary, and the same in every version: two starts at once take turns. */
const LOCK_KEY = 7_363_616_402;

/** Roles belong to a whole server; its number keeps the databases on it apart. */
async function roleOfDatabase({ sql }: Database): Promise<string> {
  const [row] = await sql<{ id: string }[]>`SELECT oid::text AS id FROM pg_database WHERE datname = current_database()`;
  return `${APPLICATION_ROLE}_${row?.id ?? ""}`;
}

async function makeRole(tx: Tx, role: string, password: string): Promise<void> {
  const found = await tx`SELECT 1 FROM pg_roles WHERE rolname = ${role}`;
  const verifier = scramVerifier(password);
  if (found.length > 0) await tx.unsafe(`ALTER ROLE ${role} WITH LOGIN PASSWORD '${verifier}'`);
  else {
    await tx.unsafe(`CREATE ROLE ${role}
      WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${verifier}'`);
  }
  const [me] = await tx<{ all: boolean }[]>`SELECT rolsuper AS all FROM pg_roles WHERE rolname = current_user`;
  // Who is no superuser must belong to the role to give it tables, and to change them with the next schema.
  if (me?.all !== true) await tx.unsafe(`GRANT ${role} TO CURRENT_USER`);
}

function relationsOf(migrations: readonly Migration[]): readonly string[] {
  const made = migrations.flatMap(({ sql }) => [...sql.matchAll(/\bCREATE (?:TABLE|SEQUENCE) (\w+)/g)]);
  return made.flatMap(([, name]) => name ?? []);
}

/** Sequences that belong to a column go with its table. `only` these and their partitions when given. */
async function handOver(tx: Tx, role: string, only: readonly string[] | undefined): Promise<void> {
  const relations = await tx<{ name: string; kind: string }[]>`
    SELECT quote_ident(c.relname) AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
      AND c.relowner <> ${role}::regrole AND c.relname <> ALL (${Object.keys(RIGHTS)}::text[])
      AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND c.relkind = 'S'
          AND d.deptype IN ('a', 'i'))
      AND (${only === undefined} OR COALESCE(pg_partition_root(c.oid)::oid, c.oid) IN (
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relname = ANY (${[...(only ?? [])]}::text[])))`;
  for (const { name, kind } of relations) await tx.unsafe(`ALTER ${kind} ${name} OWNER TO ${role}`);
}

/** What the server keeps of a password (RFC 5803), so that the password itself never stands in a statement. */
function scramVerifier(password: string): string {
  const [iterations, salt] = [4096, randomBytes(16)];
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const key = (name: string): Buffer => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}
