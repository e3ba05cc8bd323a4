const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g;

/** The names written as "{{name}}" in a text. */
export const variableNames = (text: string): readonly string[] =>
  [...text.matchAll(VARIABLE)].flatMap(([, name]) => (name === undefined ? [] : [name]));

/** The text with each "{{name}}" replaced; a name without a value stays as it is written. */
export const fillVariables = (text: string, valueOf: (name: string) => string | undefined): string =>
  text.replace(VARIABLE, (whole, name: string) => valueOf(name) ?? whole);
