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
  return new UndoableTable(rows, note);
}

/** A class, as a transaction makes many of these and uses few. */
class UndoableTable<K, V> implements MemoryTable<K, V> {
  readonly #rows: Map<K, V>;
  readonly #note: (undo: Undo) => void;

  constructor(rows: Map<K, V>, note: (undo: Undo) => void) {
    this.#rows = rows;
    this.#note = note;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: K): V | undefined {
    return this.#rows.get(key);
  }

  has(key: K): boolean {
    return this.#rows.has(key);
  }

  set(key: K, value: V): void {
    this.#noteRestore(key);
    this.#rows.set(key, value);
  }

  delete(key: K): boolean {
    if (this.#rows.has(key)) this.#noteRestore(key);
    return this.#rows.delete(key);
  }

  keys(): IterableIterator<K> {
    return this.#rows.keys();
  }

  values(): IterableIterator<V> {
    return this.#rows.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#rows.entries();
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#rows.entries();
  }

  #noteRestore(key: K): void {
    const rows = this.#rows;
    const old = rows.get(key);
    this.#note(() => {
      if (old === undefined) rows.delete(key);
      else rows.set(key, old);
    });
  }
}
