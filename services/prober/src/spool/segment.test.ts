import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { frame, records } from "./segment.ts";

const some = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 12 });
const segmentOf = (written: readonly Uint8Array[]): Buffer => Buffer.concat(written.map(frame));
const read = (segment: Uint8Array): number[][] => [...records(segment)].map((bytes) => [...bytes]);
const plain = (written: readonly Uint8Array[]): number[][] => written.map((bytes) => [...bytes]);

describe("a segment", () => {
  test("gives back what was written", () => {
    fc.assert(fc.property(some, (written) => expect(read(segmentOf(written))).toEqual(plain(written))));
  });

  test("cut anywhere gives the records before the cut and nothing else", () => {
    fc.assert(
      fc.property(some, fc.nat(), (written, at) => {
        const whole = segmentOf(written);
        const cut = at % (whole.length + 1);
        let size = 0;
        const complete = written.filter((bytes) => {
          size += frame(bytes).length;
          return size <= cut;
        });
        expect(read(whole.subarray(0, cut))).toEqual(plain(complete));
      }),
    );
  });

  test("with one byte changed never gives a record that was not written", () => {
    fc.assert(
      fc.property(some, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, at, flip) => {
        const damaged = segmentOf(written);
        if (damaged.length === 0) return;
        const index = at % damaged.length;
        damaged.writeUInt8(damaged.readUInt8(index) ^ flip, index);
        const found = read(damaged);
        expect(found).toEqual(plain(written).slice(0, found.length));
        expect(found.length).toBeLessThan(written.length);
      }),
    );
  });

  test("of anything at all is read to its end without a failure", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expect(read(bytes)).toBeInstanceOf(Array)));
  });
});
