import { compileJsonPath } from "@sentinel/contracts/config";
import { evaluateQuery } from "./json-query.ts";
import { TooCostly, type Work } from "./work.ts";

/** Deeper documents are not judged; walking them would need a stack as deep. */
const MAX_DEPTH = 200;
const PARSED_CHARACTERS = 4;

/** What should have been JSON is not. */
export class NotJson extends Error {
  constructor() {
    super("not JSON");
    this.name = "NotJson";
  }
}

/**
 * The values of the nodes that a JSONPath selects, texts as they stand and the rest as JSON; undefined where there is none.
 * @throws NotJson, and TooCostly when the document is too deep or the query passes its bound.
 */
export function jsonValues(text: string, path: string, work: Work): readonly string[] | undefined {
  const compiled = compileJsonPath(path);
  if (!compiled.ok) return undefined;
  const nodes = evaluateQuery(compiled.query, parse(text, work), work);
  if (nodes.length === 0) return undefined;
  return nodes.map((node) => written(node, work));
}

function parse(text: string, work: Work): unknown {
  work.spend(text.length / PARSED_CHARACTERS);
  if (deepest(text) > MAX_DEPTH) throw new TooCostly();
  try {
    return JSON.parse(text);
  } catch {
    throw new NotJson();
  }
}

/** How deep brackets are nested, those in texts left out; right for JSON, and harmless for anything else. */
function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === BACKSLASH) at += 1;
      else quoted = character !== QUOTE;
    } else if (character === QUOTE) quoted = true;
    else if (character === BRACKET || character === BRACE) most = Math.max(most, (depth += 1));
    else if (character === BRACKET + 2 || character === BRACE + 2) depth -= 1;
  }
  return most;
}

const [QUOTE, BACKSLASH, BRACKET, BRACE] = [0x22, 0x5c, 0x5b, 0x7b];

function written(node: unknown, work: Work): string {
  const text = typeof node === "string" ? node : JSON.stringify(node);
  work.spend(1 + text.length / PARSED_CHARACTERS);
  return text;
}
