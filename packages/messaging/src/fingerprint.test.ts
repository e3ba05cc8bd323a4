import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { fingerprintOf, packFingerprints, unpackFingerprints } from "./fingerprint.ts";

test("fingerprints come out of a package as they went in, and differ where contents do", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uint8Array(), { selector: (each) => each.join() }), (contents) => {
      const prints = contents.map(fingerprintOf);
      expect(unpackFingerprints(packFingerprints(prints))).toEqual(prints);
      expect(new Set(prints).size).toBe(contents.length);
    }),
  );
});
