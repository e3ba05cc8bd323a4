/** Undoes one change. */
export type Undo = () => void;

/** A map whose changes a failed transaction takes back. Replace values, never change one in place; undefined is no value. */
export interface MemoryTable<K, V> extends Iterable<[K, V]> {
  readonly size: number;
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): void;
  delete(key: K): boolean;
  keys(): IterableIterator<K>;
  values(): IterableIterator<V>;
  entries(): IterableIterator<[K, V]>;
}

/** A view of `rows` that notes how to undo each change. */
export function undoableTable<K, V>(rows: Map<K, V>, note: (undo: Undo) => void): MemoryTable<K, V> {
  const restore = (key: K): void => {
    const old = rows.get(key);
    note(() => {
      if (old === undefined) rows.delete(key);
      else rows.set(key, old);
    });
  };
  return {
    get size() {
      return rows.size;
    },
    get: (key) => rows.get(key),
    has: (key) => rows.has(key),
    set: (key, value) => {
      restore(key);
      rows.set(key, value);
    },
    delete: (key) => {
      if (rows.has(key)) restore(key);
      return rows.delete(key);
    },
    keys: () => rows.keys(),
    values: () => rows.values(),
    entries: () => rows.entries(),
    [Symbol.iterator]: () => rows.entries(),
  };
}
