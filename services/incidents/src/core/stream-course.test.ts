import { expect, test } from "@jest/globals";
import { turnBefore, turnOf } from "./stream-course.ts";

const at = (seq: number, fingerprint = `m${seq}`, epoch = "e1") => ({ epoch, seq, fingerprint });

test.each([
  ["the next message, with or without a gap, goes on", at(8), undefined],
  ["the very message that was read last goes on", at(5), undefined],
  ["another message under the number read last shows that numbers were used again", at(5, "other"), "shortened"],
  ["a smaller number shows the same", at(4), "shortened"],
  ["another life of the stream shows whatever the number", at(9, "m9", "e2"), "remade"],
])("%s", (_name, message, turn) => {
  expect(turnBefore(message, at(5))).toBe(turn);
});

test("before anything was read nothing is a turn", () => {
  expect(turnBefore(at(1), { epoch: "", seq: 0, fingerprint: "" })).toBeUndefined();
  expect(turnOf({ epoch: "e1", lastSeq: 0 }, { epoch: "", seq: 0, fingerprint: "" })).toBeUndefined();
});

test("a place without a fingerprint takes the message of its number for its own", () => {
  expect(turnBefore(at(5, "any"), at(5, ""))).toBeUndefined();
});

test("the end of a stream tells whether what was read is still in it", () => {
  expect(turnOf({ epoch: "e1", lastSeq: 5 }, at(5))).toBeUndefined();
  expect(turnOf({ epoch: "e1", lastSeq: 4 }, at(5))).toBe("shortened");
  expect(turnOf({ epoch: "e2", lastSeq: 9 }, at(5))).toBe("remade");
});
