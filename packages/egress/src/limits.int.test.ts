import { randomBytes } from "node:crypto";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "@jest/globals";
import { type HttpTarget, startHttpTarget, startRawTarget } from "@sentinel/testkit";
import { failureOf, get, stopAll, use } from "./test-support.ts";

afterAll(stopAll);

const PACKERS: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  ["gzip", gzipSync],
  ["x-gzip", gzipSync],
  ["br", (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ["deflate", deflateSync],
];

const serve = async (encoding: string, packed: Buffer): Promise<HttpTarget> =>
  use(
    await startHttpTarget((_request, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(packed);
    }),
  );

describe.each(PACKERS)("a body packed by %s", (encoding, pack) => {
  /** Packs to less than half, so that only what is unpacked is over the limit. */
  const text = Buffer.from(randomBytes(30_000).toString("hex"));

  test("is measured unpacked", async () => {
    const packed = pack(text);
    const target = await serve(encoding, packed);
    const maxBodyBytes = text.length - 1;
    expect(packed.length).toBeLessThan(maxBodyBytes);
    expect(await failureOf(get(target.url, { maxBodyBytes }))).toMatchObject({ reason: "body_too_large" });
    expect(Buffer.from((await get(target.url, { maxBodyBytes: text.length })).body)).toEqual(text);
  });

  test("is a bomb when it grows too much, though it would be within the size", async () => {
    const target = await serve(encoding, pack(Buffer.alloc(900_000)));
    expect(await failureOf(get(target.url, { maxRatio: 20 }))).toMatchObject({ reason: "decompression_bomb" });
    expect((await get(target.url, { maxRatio: 1_000_000 })).body.length).toBe(900_000);
  });
});

test("a packed body that never gives anything is left as well", async () => {
  const name = Buffer.alloc(64 * 1024, "a");
  const head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
  const target = use(
    await startRawTarget((socket) => {
      // A gzip header with a file name that does not end.
      socket.write(Buffer.concat([Buffer.from(head), Buffer.from("1f8b080800000000000003", "hex").subarray(0, 10)]));
      const more = (): void => {
        while (!socket.destroyed && socket.write(name));
      };
      socket.on("drain", more);
      more();
    }),
  );
  expect(await failureOf(get(target.url))).toMatchObject({ reason: "body_too_large", phase: "transfer" });
  await target.idle();
});
