/** Remembers what `make` gave for the texts asked for last, at most `max` of them. */
export function remember<T>(max: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    const value = found ?? make(text);
    known.delete(text);
    known.set(text, value);
    if (known.size > max) known.delete(known.keys().next().value ?? "");
    return value;
  };
}
