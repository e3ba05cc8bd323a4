import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { failed } from "./dial.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly maxRatio: number;
}

/** Below this a high ratio is only good compression of a short page. */
const RATIO_FROM_BYTES = 64 * 1024;

/** Reads and decodes a body, counting after decoding. `keep` holds what arrived, also when it fails. */
export function readBody(response: IncomingMessage, limits: BodyLimits, keep: Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const decoder = decoderOf(response.headers["content-encoding"]);
    let wire = 0;
    let decoded = 0;
    const fail = (reason: string, params: Readonly<Record<string, string>> = {}, cause?: unknown): void => {
      reject(failed(reason, "transfer", params, cause));
      response.destroy();
      decoder?.destroy();
    };
    const take = (chunk: Uint8Array): void => {
      decoded += chunk.length;
      if (decoded > limits.maxBytes) return fail("body_too_large", { limitBytes: String(limits.maxBytes) });
      if (decoder !== undefined && decoded > RATIO_FROM_BYTES && decoded > wire * limits.maxRatio) {
        return fail("decompression_bomb", { ratio: String(limits.maxRatio) });
      }
      keep.push(chunk);
    };
    response.on("data", (chunk: Buffer) => {
      wire += chunk.length;
      if (decoder === undefined) take(chunk);
      else decoder.write(chunk);
    });
    response.once("end", () => {
      if (!response.complete) fail("truncated");
      else if (decoder === undefined || wire === 0) resolve();
      else decoder.end();
    });
    // A reset shows as the socket's error; an early end only as a body that is not complete.
    const broken = (error?: unknown): void => fail(response.socket.errored === null ? "truncated" : "reset", {}, error);
    response.once("error", broken);
    response.once("aborted", () => broken());
    decoder?.on("data", take);
    decoder?.once("end", () => resolve());
    decoder?.once("error", (error) => fail("protocol", { detail: "content-encoding" }, error));
  });
}

function decoderOf(encoding: string | undefined): Transform | undefined {
  switch ((encoding ?? "").trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "br":
      return createBrotliDecompress();
    case "deflate":
      return createInflate();
    default:
      return undefined;
  }
}
