import { afterAll, describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { startRawTarget } from "@sentinel/testkit";
import { EgressError } from "./egress-error.ts";
import { get, stopAll, use } from "./test-support.ts";

afterAll(stopAll);

const ANSWERS: readonly string[] = [
  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  "HTTP/1.1 200 OK\r\n\r\nuntil the end",
  "HTTP/1.0 404\r\nserver: x\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok",
  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
  "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\ntoo long",
  "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nok",
  "HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\nok",
  "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nno gzip",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\nall the same",
  "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
  "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx: 1\r\nX: 2\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nconstructor: x\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nempty:\r\n spaced:  a b \t\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nx: a\r\n folded\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\nx: 1\n\nok",
  "HTTP/1.1 200 caf\xe9\r\nx: \xe9\r\ncontent-length: 1\r\n\r\n\xff",
  "HTTP/1.1 200 OK\r\nx: \x00\r\ncontent-length: 0\r\n\r\n",
  `HTTP/1.1 200 OK\r\nx: ${"y".repeat(12_000)}\r\ncontent-length: 0\r\n\r\n`,
  `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\ncontent-length: 0\r\n\r\n`,
  "HTTP/2.0 200 OK\r\n\r\n",
  "HTTP/1.1 99 x\r\n\r\n",
  "SSH-2.0-OpenSSH\r\n",
  "",
];

/** What became of it, without what differs from try to try. */
async function outcome(url: string, headers: Readonly<Record<string, string>>) {
  const text = (body: Uint8Array): string => Buffer.from(body).toString("latin1");
  try {
    const { status, headers: answered, httpVersion, body } = await get(url, { headers, maxBodyBytes: 30 });
    return { status, answered, httpVersion, body: text(body) };
  } catch (thrown) {
    if (!(thrown instanceof EgressError)) throw thrown;
    const { reason, phase, params, facts } = thrown.failure;
    return { reason, phase, params, status: facts.status, answered: facts.headers, body: text(facts.body) };
  }
}

/** A header that Node's own client treats itself, so that the whole parser is asked. */
const WHOLE = { connection: "close" };

async function answering(pieces: readonly Buffer[], end: "end" | "reset") {
  const target = await startRawTarget((socket) => {
    const send = (index: number): void => {
      const piece = pieces[index];
      if (piece !== undefined) socket.write(piece, () => setImmediate(send, index + 1));
      else if (end === "end") socket.end();
      else socket.resetAndDestroy();
    };
    send(0);
  });
  return use(target);
}

describe("the cheap way to ask gives what the whole parser gives", () => {
  test.each(ANSWERS)("for %j", async (answer) => {
    const { url } = await answering([Buffer.from(answer, "latin1")], "end");
    const came = await outcome(url, {});
    expect(came).toEqual(await outcome(url, WHOLE));
    expect(came.reason ?? "").not.toMatch(/^timeout/);
  });

  test("however an answer is cut into pieces", async () => {
    const cut = fc.tuple(fc.constantFrom(...ANSWERS), fc.array(fc.nat(400), { maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(cut, async ([answer, at]) => {
        const bytes = Buffer.from(answer, "latin1");
        const ends = [0, ...at.map((each) => each % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
        const pieces = ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
        const { url } = await answering(
          pieces.filter((each) => each.length > 0),
          "end",
        );
        expect(await outcome(url, {})).toEqual(await outcome(url, WHOLE));
      }),
      { numRuns: 40 },
    );
  });

  test("a connection that is reset before the answer, in its head and in its body", async () => {
    for (const [bytes, reason] of [
      ["", "reset"],
      ["HTTP/1.1 200 OK\r\nx", "reset"],
    ] as const) {
      const { url } = await answering([Buffer.from(bytes)], "reset");
      expect(await outcome(url, {})).toMatchObject({ reason, phase: "first_byte" });
    }
  });

  test("a header that could begin another one is never sent", async () => {
    const { url } = await answering([Buffer.from("HTTP/1.1 200 OK\r\n\r\n")], "end");
    for (const headers of [{ "x-a": "1\r\nx-b: 2" }, { "x a": "1" }]) {
      await expect(get(url, { headers })).rejects.toThrow();
    }
  });
});
