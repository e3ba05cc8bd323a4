export type Locale = "en" | "fr";
export const LOCALES: readonly Locale[] = ["en", "fr"];

export type TextParams = Readonly<Record<string, string>>;

/** A sentence: `{name}` stands for a parameter; a function where grammar needs one (plurals, optional parts). */
export type Sentence = string | ((params: TextParams, locale: Locale) => string);

export type Catalogue = Readonly<Record<string, Sentence>>;
