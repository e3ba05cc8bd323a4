import { Verdict } from "@sentinel/contracts";
import type { ByteReader, ByteWriter } from "./columns.ts";

/** Codes of verdicts in kept bytes: places in this list, which only grows at its end. */
const VERDICTS = [
  Verdict.UNSPECIFIED,
  Verdict.HEALTHY,
  Verdict.DEGRADED,
  Verdict.DOWN,
  Verdict.UNKNOWN,
  Verdict.MISSED,
  Verdict.MAINTENANCE,
] as const;

export const verdictCode = (verdict: Verdict): number =>
  Math.max(
    0,
    VERDICTS.findIndex((each) => each === verdict),
  );
export const verdictAt = (code: number | undefined): Verdict => VERDICTS[code ?? 0] ?? Verdict.UNSPECIFIED;

/** Leaves 0 free to say that there is no such instant. */
export const shift = (offset: number): number => (offset >= 0 ? offset + 1 : offset);
export const unshift = (shifted: number): number => (shifted > 0 ? shifted - 1 : shifted);

/** Each text once; rounds hold its place. The empty text is always the first. */
export class Texts {
  readonly #places = new Map<string, number>([["", 0]]);

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.#places.size);
    return this.#places.size - 1;
  }

  write(out: ByteWriter): void {
    out.varint(this.#places.size - 1);
    for (const text of [...this.#places.keys()].slice(1)) out.text(text);
  }
}

/** @throws RangeError when the bytes end too early */
export function readTexts(from: ByteReader): readonly string[] {
  const texts = [""];
  for (let left = from.varint(); left > 0; left -= 1) texts.push(from.text());
  return texts;
}

/** @throws RangeError when there is none */
export function textAt(texts: readonly string[], place: number | undefined): string {
  const text = texts[place ?? -1];
  if (text === undefined) throw new RangeError(`no text at place ${place}`);
  return text;
}
