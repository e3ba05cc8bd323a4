import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { encodeQuestion, isAnswerTo, readAnswer } from "./dns-message.ts";
import { reverseName } from "./dns-name.ts";
import { isSameValue } from "./dns-record-text.ts";

const question = { id: 0x1234, name: "shop.test", type: "TXT" } as const;

test("whatever a name server sends is read or refused, never thrown over", () => {
  const head = [0x12, 0x34, 0x84, 0x00];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, ours) => {
      const message = Uint8Array.from(ours ? [...head, ...noise] : noise);
      expect(typeof isAnswerTo(question, message)).toBe("boolean");
      const answer = readAnswer("TXT", message);
      expect(answer === undefined || answer.values.length <= message.length).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test("a name that points at itself is refused at once", () => {
  const message = Buffer.concat([Buffer.from(encodeQuestion(question)), Buffer.from([0xc0, 0x1f, 0, 16, 0, 1])]);
  message.writeUInt16BE(0x8400, 2);
  message.writeUInt16BE(1, 6);
  expect(readAnswer("TXT", message)).toBeUndefined();
});

test("addresses are turned round, and values are compared as what they mean", () => {
  expect(reverseName("192.0.2.7")).toBe("7.2.0.192.in-addr.arpa");
  expect(reverseName("2001:db8::1")).toBe(`1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
  expect(reverseName("shop.test")).toBeUndefined();
  expect(isSameValue("MX", "10 Mail.Test.", "10  mail.test")).toBe(true);
  expect(isSameValue("AAAA", "2001:DB8:0:0::1", "2001:db8::1")).toBe(true);
  expect(isSameValue("TXT", '"v=spf1 -all"', "v=spf1 -all")).toBe(true);
  expect(isSameValue("TXT", "V=spf1", "v=spf1")).toBe(false);
});
