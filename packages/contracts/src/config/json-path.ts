import { JSONPathEnvironment, JSONPathError, type JSONPathQuery } from "json-p3";
import { remember } from "./lru.ts";
import type { Unreadable } from "./pattern.ts";

const KEPT = 500;
const MAX_CHARACTERS = 1000;

export type CompiledJsonPath = { readonly ok: true; readonly query: JSONPathQuery } | Unreadable;

const environment = new JSONPathEnvironment();

/**
 * Reads a JSONPath of RFC 9535; those used last are kept read. The query is a tree to be walked within a bound: its own
 * methods have none.
 */
export const compileJsonPath: (text: string) => CompiledJsonPath = remember(KEPT, (text) => {
  try {
    if (text.length > MAX_CHARACTERS) return unreadable(text, MAX_CHARACTERS);
    return { ok: true, query: environment.compile(text) };
  } catch (thrown) {
    return unreadable(text, thrown instanceof JSONPathError ? thrown.token.index : 0);
  }
});

const unreadable = (text: string, at: number): Unreadable => ({
  ok: false,
  code: "bad_json_path",
  params: { value: text.slice(0, 200), at: String(at + 1) },
});
