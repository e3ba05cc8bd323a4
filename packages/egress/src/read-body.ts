import type { Readable, Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { failed } from "./dial.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly maxRatio: number;
}

/** The body of an answer on its way, in whatever version of HTTP. */
export interface Incoming {
  readonly stream: Readable;
  readonly encoding: string | undefined;
  /** True when it ended as it said it would. */
  complete(): boolean;
  /** True when the connection or the stream was broken. */
  wasReset(): boolean;
}

/** Below this a high ratio is only good compression of a short page. */
const RATIO_FROM_BYTES = 64 * 1024;

/** What packing may add to a body that does not get smaller by it; more, and something is sent that unpacks to nothing. */
const PACKING_BYTES = 64 * 1024;

/** Reads and decodes a body, counting after decoding. `keep` holds what arrived, also when it fails. */
export function readBody(incoming: Incoming, limits: BodyLimits, keep: Uint8Array[]): Promise<void> {
  const { stream } = incoming;
  return new Promise((resolve, reject) => {
    const decoder = decoderOf(incoming.encoding);
    let wire = 0;
    let decoded = 0;
    let ended = false;
    const fail = (reason: string, params: Readonly<Record<string, string>> = {}, cause?: unknown): void => {
      reject(failed(reason, "transfer", params, cause));
      stream.destroy();
      decoder?.destroy();
    };
    const tooLarge = (): void => fail("body_too_large", { limitBytes: String(limits.maxBytes) });
    const take = (chunk: Uint8Array): void => {
      decoded += chunk.length;
      if (decoded > limits.maxBytes) return tooLarge();
      if (decoder !== undefined && decoded > RATIO_FROM_BYTES && decoded > wire * limits.maxRatio) {
        return fail("decompression_bomb", { ratio: String(limits.maxRatio) });
      }
      keep.push(chunk);
    };
    stream.on("data", (chunk: Buffer) => {
      wire += chunk.length;
      if (wire > limits.maxBytes + PACKING_BYTES) return tooLarge();
      if (decoder === undefined) take(chunk);
      else decoder.write(chunk);
    });
    // A reset shows as the stream's error; an early end only as a body that is not complete.
    const broken = (error?: unknown): void => fail(incoming.wasReset() ? "reset" : "truncated", {}, error);
    stream.once("end", () => {
      ended = true;
      if (!incoming.complete()) broken();
      else if (decoder === undefined || wire === 0) resolve();
      else decoder.end();
    });
    stream.on("error", broken);
    stream.once("aborted", () => broken());
    stream.once("close", () => {
      if (!ended) broken();
    });
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
