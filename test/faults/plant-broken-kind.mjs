// Loaded before a prober: while the file exists whose name stands in PLANTED_BREAK, the kind of check for HTTP throws.
import { registerHooks } from "node:module";

const KIND = "/services/prober/src/probes/http.ts";
const BEGINS = "resultOf(request, async () => {";
const THROWS = `
    const { existsSync } = await import("node:fs");
    if (existsSync(process.env.PLANTED_BREAK ?? "")) throw new TypeError("planted");
`;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(KIND)) return loaded;
    const source = String(loaded.source);
    if (!source.includes(BEGINS)) throw new Error(`${url} does not begin its check as it used to`);
    return { ...loaded, source: source.replace(BEGINS, BEGINS + THROWS) };
  },
});
