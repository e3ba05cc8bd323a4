import { type Endpoint, type See, Unchecked } from "./probe.ts";
import { queryMysql } from "./sql-mysql.ts";
import { queryPostgres } from "./sql-postgres.ts";
import type { Rows } from "./sql-session.ts";
import { reveal, tlsSettings } from "./tls-settings.ts";
import { whereTo } from "./where-to.ts";

/** One query in a transaction that can only read, over a connection of its own. */
export const seeSql: See<"sql"> = async (check, request) => {
  const { deps, endpoint } = request;
  const url = new URL(endpoint.url);
  const isPostgres = url.protocol.startsWith("postgres");
  const options = {
    check,
    host: url.hostname,
    database: decodeURIComponent(url.pathname.slice(1)),
    password: check.password === "" ? "" : reveal(check.password, deps.secret),
    tls: tlsSettings(check.tls, false, deps.secret),
  };
  const { value, facts } = await deps.egress.converse(
    { ...whereTo(request, isPostgres ? 5432 : 3306), tls: undefined },
    (conversation) => (isPostgres ? queryPostgres : queryMysql)(conversation, options),
  );
  if (value.cut && endpoint.assertions.some((each) => reachesBeyond(each, check.maxRows)))
    throw new Unchecked("rows_cut", { maxRows: String(check.maxRows) });
  const cut = value.cut ? ` (cut after ${check.maxRows} rows)` : "";
  return {
    facts,
    requestLine: `${endpoint.url} ${check.query}${cut}`,
    look: (subject, of) => {
      if (subject === "rows") return [String(value.cut ? value.rows.length + 1 : value.rows.length)];
      return subject === "value" ? valueOf(value, of) : undefined;
    },
  };
};

/** True for a number of rows that was not counted up to. */
const reachesBeyond = ({ subject, values }: Endpoint["assertions"][number], maxRows: number): boolean =>
  subject === "rows" && values.some((wanted) => Number(wanted) > maxRows);

/** A column of the first row, the first one where none is named; nothing for NULL. */
function valueOf({ columns, rows }: Rows, name: string): readonly string[] | undefined {
  const index = name === "" ? 0 : columns.indexOf(name);
  const value = rows[0]?.[index];
  return value === null || value === undefined ? undefined : [value];
}
