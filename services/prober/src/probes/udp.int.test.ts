import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, expect, test } from "@jest/globals";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { probe } from "./index.ts";
import { inShort, requestFor } from "./test-checks.ts";

const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
const sockets: Socket[] = [];
afterAll(() => {
  egress.close();
  for (const socket of sockets) socket.close();
});

async function serve(answer: (asked: Buffer) => Uint8Array | undefined): Promise<number> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.on("message", (asked, from) => {
    const said = answer(asked);
    if (said !== undefined) socket.send(said, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

const check = (port: number, udp: object, assert: object[] = [], timeoutMs = 2000) =>
  probe(requestFor({ url: `udp://127.0.0.1:${port}`, udp, assert }, { egress, timeoutMs }));

test("bytes in hexadecimal and text are sent as they stand, and the answer is looked at as bytes", async () => {
  const asked: string[] = [];
  const port = await serve((bytes) => {
    asked.push(bytes.toString("hex"));
    return Buffer.from([0xff, 0x00, 0x4f, 0x4b]);
  });
  const assert = [{ subject: "answer", matches: "^\\xff\\x00OK$" }];
  expect(inShort(await check(port, { sendHex: "00FF10", expect: "OK$" }, assert))).toBe("HEALTHY");
  expect(inShort(await check(port, { send: "héllo" }))).toBe("HEALTHY");
  expect(asked).toEqual(["00ff10", Buffer.from("héllo").toString("hex")]);
});

test("another answer is shown with what was expected, and kept", async () => {
  const port = await serve(() => Buffer.from("NO\u0000PE"));
  const result = await check(port, { send: "x", expect: "^OK" });
  expect(inShort(result)).toBe("DOWN answer_mismatch");
  expect(result.evidence?.params).toEqual({ expected: "^OK", actual: "NO·PE" });
  expect(Buffer.from(result.evidence?.bodyHead ?? []).toString()).toBe("NO\u0000PE");
});

test("silence and a closed port are told apart, and the wait is charged to the answer", async () => {
  const silent = await check(await serve(() => undefined), { send: "x" }, [], 120);
  expect(inShort(silent)).toBe("DOWN timeout_no_answer");
  expect(silent.phases?.firstByteMs).toBeGreaterThan(100);
  const port = await serve(() => undefined);
  sockets.pop()?.close();
  expect(inShort(await check(port, { send: "x" }))).toBe("DOWN connect_refused");
});
