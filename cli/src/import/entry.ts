import type { Ledger } from "./ledger.ts";

/** Keys and values of the input, whatever they are. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** One thing of the input, read key by key; whatever is not read is told as lost in the end. */
export class Entry {
  readonly path: string;
  readonly #fields: Fields;
  readonly ledger: Ledger;

  constructor(path: string, value: unknown, ledger: Ledger) {
    this.path = path;
    this.#fields = isFields(value) ? value : {};
    this.ledger = ledger;
  }

  at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  has(key: string): boolean {
    const value = this.#fields[key];
    return value !== undefined && value !== null && value !== "";
  }

  keys(): readonly string[] {
    return Object.keys(this.#fields).filter((key) => this.has(key));
  }

  raw(key: string): unknown {
    return this.#fields[key];
  }

  /** The value as text; empty where there is none. */
  text(key: string): string {
    const value = this.#fields[key];
    return typeof value === "string"
      ? value
      : typeof value === "number" || typeof value === "boolean"
        ? String(value)
        : "";
  }

  number(key: string): number | undefined {
    const text = this.text(key);
    return text === "" || !Number.isFinite(Number(text)) ? undefined : Number(text);
  }

  /** True for true, 1 and their words. */
  flag(key: string): boolean {
    return /^(?:true|1|yes|on)$/i.test(this.text(key));
  }

  list(key: string): readonly unknown[] {
    const value = this.#fields[key];
    return Array.isArray(value) ? value : [];
  }

  inner(key: string): Entry {
    return new Entry(this.at(key), this.#fields[key], this.ledger);
  }

  mapped(key: string, to: string): void {
    if (this.has(key)) this.ledger.mapped(this.at(key), to);
  }

  changed(key: string, to: string, why: string, params: Readonly<Record<string, string>> = {}): void {
    if (this.has(key)) this.ledger.changed(this.at(key), to, why, params);
  }

  lost(key: string, why: string, params: Readonly<Record<string, string>> = {}): void {
    if (this.has(key)) this.ledger.lost(this.at(key), why, params);
  }

  secret(key: string, to: string, hint: string): string {
    return this.ledger.secret(this.at(key), to, hint, this.text(key));
  }
}
