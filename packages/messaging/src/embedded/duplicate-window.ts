/** Remembers for a while which sequence an id was stored under. */
export class DuplicateWindow {
  readonly #seen = new Map<string, { readonly seq: number; readonly atMs: number }>();
  windowMs: number;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  find(id: string, nowMs: number): number | undefined {
    this.#forget(nowMs);
    return this.#seen.get(id)?.seq;
  }

  add(id: string, seq: number, nowMs: number): void {
    this.#seen.set(id, { seq, atMs: nowMs });
  }

  /** A Map keeps the order of insertion, so the oldest come first. */
  #forget(nowMs: number): void {
    for (const [id, { atMs }] of this.#seen) {
      if (nowMs - atMs < this.windowMs) return;
      this.#seen.delete(id);
    }
  }
}
