import type { Sentence, TextParams } from "./catalogue.ts";
import { formatDateTime } from "./format.ts";

const NAME = /\{(\w+)\}/g;

/** Fills `{name}` from `params`; an unknown name stays visible as written. */
export function fill(template: string, params: TextParams): string {
  return template.replace(NAME, (whole, name: string) => params[name] ?? whole);
}

/** `full` where every fact it names is known, else `plain`: the same code is read with and without its facts. */
export function orPlain(full: string, plain: string): Sentence {
  return (params) => fillOrPlain(params, full, plain);
}

/** The same at once, for a sentence that depends on more than which facts are known. */
export function fillOrPlain(params: TextParams, full: string, plain: string): string {
  const names = Array.from(full.matchAll(NAME), (match) => match[1] ?? "");
  return fill(names.every((name) => (params[name] ?? "") !== "") ? full : plain, params);
}

/** `one` where the parameter `name` is "1" (in French also "0"), else `many`. */
export function byCount(name: string, one: string, many: string): Sentence {
  return (params, locale) => {
    const count = Number(params[name]);
    return fill(count === 1 || (locale === "fr" && count === 0) ? one : many, params);
  };
}

/** As `orPlain`, with `{since}` as an instant from the parameter `sinceMs`. */
export function lostSight(full: string, plain: string): Sentence {
  const sentence = orPlain(full, plain);
  return (params, locale) => {
    const sinceMs = params["sinceMs"];
    const since = sinceMs === undefined ? {} : { since: formatDateTime(locale, Number(sinceMs)) };
    return typeof sentence === "string" ? sentence : sentence({ ...params, ...since }, locale);
  };
}
