export type ReadOptions =
  | { readonly ok: true; readonly options: Record<string, unknown> }
  | { readonly ok: false; readonly line: number | null };

/** What stands beside an address, written in YAML or JSON; the reader of YAML is only fetched where it is needed. */
export async function readOptions(text: string): Promise<ReadOptions> {
  if (text.trim() === "") return { ok: true, options: {} };
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, line: error.linePos?.[0].line ?? null };
  const value: unknown = document.toJS();
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { ok: false, line: 1 };
  return { ok: true, options: { ...value } };
}
