import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Database } from "./database.ts";
import type { Tx } from "./transaction.ts";

/** Who the services are in the database that Sentinel runs itself. */
export const APPLICATION_ROLE = "sentinel_app";

/** Tables that stay the superuser's: history and what vouches for it, and the record of the schema. */
const RIGHTS: Readonly<Record<string, string>> = {
  events: "SELECT, INSERT",
  heads: "SELECT, UPDATE",
  schema_migrations: "SELECT",
};

/**
 * Makes the role that the services use, after the schema is up to date: it may append events and read them, but has no
 * right to change or delete one, nor to switch off the trigger that refuses besides; every other table is its own. It
 * gets a new password each time, which is kept nowhere. Repeat it after each change of the schema.
 * @param database Connected as a superuser.
 * @param url The address `database` was opened with.
 * @returns the address for the services; it holds the password: never log it.
 */
export async function prepareApplicationRole(database: Database, url: string): Promise<string> {
  const password = randomBytes(24).toString("base64url");
  await database.transaction(async (tx) => {
    const found = await tx`SELECT 1 FROM pg_roles WHERE rolname = ${APPLICATION_ROLE}`;
    await tx.unsafe(`${found.length === 0 ? "CREATE" : "ALTER"} ROLE ${APPLICATION_ROLE}
      WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${scramVerifier(password)}'`);
    await tx.unsafe(`GRANT USAGE, CREATE ON SCHEMA public TO ${APPLICATION_ROLE}`);
    await handOver(tx);
    for (const [table, rights] of Object.entries(RIGHTS)) {
      await tx.unsafe(`REVOKE ALL ON ${table} FROM ${APPLICATION_ROLE}`);
      await tx.unsafe(`GRANT ${rights} ON ${table} TO ${APPLICATION_ROLE}`);
    }
  });
  const address = new URL(url);
  address.username = APPLICATION_ROLE;
  address.password = password;
  return address.href;
}

/** Sequences that belong to a column go with its table. */
async function handOver(tx: Tx): Promise<void> {
  const relations = await tx<{ name: string; kind: string }[]>`
    SELECT quote_ident(c.relname) AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
      AND c.relowner <> ${APPLICATION_ROLE}::regrole AND c.relname <> ALL (${Object.keys(RIGHTS)}::text[])
      AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND c.relkind = 'S'
          AND d.deptype IN ('a', 'i'))`;
  for (const { name, kind } of relations) await tx.unsafe(`ALTER ${kind} ${name} OWNER TO ${APPLICATION_ROLE}`);
}

/** What the server keeps of a password (RFC 5803), so that the password itself never stands in a statement. */
function scramVerifier(password: string): string {
  const [iterations, salt] = [4096, randomBytes(16)];
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const key = (name: string): Buffer => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}
