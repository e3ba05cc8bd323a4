const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object that a text of JSON holds; undefined for anything else. */
export function objectAt(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The text, number or truth value at a path such as "error.code"; undefined where there is none. */
export function textAt(from: unknown, path: string): string | undefined {
  let value: unknown = from;
  for (const key of path.split(".")) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
}
