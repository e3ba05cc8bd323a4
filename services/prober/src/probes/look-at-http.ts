import type { EgressResponse } from "@sentinel/egress";
import type { Look } from "../core/assertions.ts";
import { jsonValues } from "../core/json-nodes.ts";

/** What assertions see of an HTTP answer. */
export const lookAtHttp =
  (response: EgressResponse, text: () => string): Look =>
  (subject, of, work) => {
    switch (subject) {
      case "status":
        return [String(response.status)];
      case "header": {
        const value = response.headers[of.toLowerCase()];
        return value === undefined ? undefined : [value];
      }
      case "body":
        return [text()];
      case "json":
        return jsonValues(text(), of, work);
      case "size":
        return [String(response.body.length)];
      case "redirects":
        return [String(response.redirects.length)];
      case "version":
        return [response.httpVersion];
      default:
        return undefined;
    }
  };
