import { z } from "zod";
import { secretReference } from "../secret-reference.ts";
import { tls, tlsToWire, tlsView } from "./common.ts";
import { defineKind } from "./kind.ts";

/** One query in a read-only session. */
export const sql = defineKind({
  name: "sql",
  schemes: ["postgres", "postgresql", "mysql", "mariadb"],
  example: "postgres://db.example.com:5432/shop",
  needsPort: false,
  subjects: ["rows", "value"],
  options: z.strictObject({
    user: z.string().min(1).max(63).nullish(),
    password: secretReference.nullish(),
    tls: tls.nullish(),
    query: z.string().trim().min(1).max(10_000).default("SELECT 1"),
    maxRows: z.int().min(1).max(1000).default(100),
  }),
  toWire: (options) => ({
    user: options.user ?? "",
    password: options.password ?? "",
    tls: tlsToWire(options.tls),
    query: options.query,
    maxRows: options.maxRows,
  }),
  view: (value) => ({
    user: value.user || null,
    password: value.password || null,
    tls: tlsView(value.tls),
    query: value.query,
    maxRows: value.maxRows,
  }),
  wrap: (value) => ({ $case: "sql", value }),
  unwrap: (check) => (check.$case === "sql" ? check.value : undefined),
});
