import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { createAddressPolicy } from "./address-policy.ts";

const strict = createAddressPolicy({ allowPrivate: false, allowCidrs: [] });
const local = createAddressPolicy({ allowPrivate: true, allowCidrs: [] });
/** As wide as an operator can make it. */
const wide = createAddressPolicy({ allowPrivate: true, allowCidrs: ["0.0.0.0/0", "::/0"] });

const METADATA = ["169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192"];
const METADATA_V6 = ["fd00:ec2::254", "fd20:ce::254", "fd00:42::42", "fe80::a9fe:a9fe", "fe80::a9fe:a9fe%eth0"];

type Octets = readonly [number, number, number, number];

const hex = (high: number, low: number): string => ((high << 8) | low).toString(16);
const groups = ([a, b, c, d]: Octets): string => `${hex(a, b)}:${hex(c, d)}`;

/** Every IPv6 address that leads to this IPv4 address. */
const WRAPPERS: Readonly<Record<string, (octets: Octets) => string>> = {
  "mapped, in hexadecimal": (o) => `::ffff:${groups(o)}`,
  "mapped, dotted": (o) => `::ffff:${o.join(".")}`,
  "mapped, in full": (o) => `0000:0000:0000:0000:0000:ffff:${groups(o)}`,
  compatible: (o) => `::${o.join(".")}`,
  translated: (o) => `::ffff:0:${groups(o)}`,
  "NAT64, well known": (o) => `64:ff9b::${groups(o)}`,
  "NAT64, local": (o) => `64:ff9b:1::${groups(o)}`,
  "NAT64, local with the address split": ([a, b, c, d]) => `64:ff9b:1:${hex(a, b)}:${hex(0, c)}:${hex(d, 0)}::`,
  "6to4": (o) => `2002:${groups(o)}::1`,
};

const octetsOf = (address: string): Octets => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  return [a, b, c, d];
};

describe("cloud metadata", () => {
  test.each([...METADATA, ...METADATA_V6])("%s is refused whatever is allowed", (address) => {
    for (const judge of [strict, local, wide]) expect(judge(address)).toBe("address_metadata");
  });

  describe.each(Object.keys(WRAPPERS))("%s", (form) => {
    test.each(METADATA)("leads nowhere when it holds %s", (address) => {
      const wrapped = WRAPPERS[form]?.(octetsOf(address)) ?? "";
      for (const judge of [strict, local, wide])
        expect([wrapped, judge(wrapped)]).toEqual([wrapped, "address_metadata"]);
    });
  });
});

describe("private targets", () => {
  const PRIVATE = [
    "127.0.0.1",
    "127.255.0.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.1.1",
  ];
  const PRIVATE_V6 = ["::1", "0:0:0:0:0:0:0:1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "100.64.0.1"];

  test.each([...PRIVATE, ...PRIVATE_V6])("%s is dialled only where private targets are allowed", (address) => {
    expect(strict(address)).toBe("address_forbidden");
    expect(local(address)).toBe("allowed");
  });

  test("an IPv4 address inside an IPv6 form is judged as itself", () => {
    for (const form of ["mapped, in hexadecimal", "mapped, dotted", "NAT64, well known", "6to4"]) {
      for (const address of PRIVATE) {
        const wrapped = WRAPPERS[form]?.(octetsOf(address)) ?? "";
        expect([wrapped, strict(wrapped)]).toEqual([wrapped, "address_forbidden"]);
        expect([wrapped, local(wrapped)]).toEqual([wrapped, "allowed"]);
      }
      const open = WRAPPERS[form]?.([93, 184, 216, 34]) ?? "";
      expect([open, strict(open)]).toEqual([open, "allowed"]);
    }
  });
});

describe("what is no single host", () => {
  const NOWHERE = ["0.0.0.0", "0.1.2.3", "::", "255.255.255.255", "224.0.0.1", "239.1.1.1", "240.0.0.1", "192.0.2.1"];
  const NOWHERE_V6 = ["ff02::1", "100::1", "2001:db8::1", "2001::1", "fec0::1", "4000::1", "::7f00:1", "::8.8.8.8"];

  test.each([...NOWHERE, ...NOWHERE_V6])("%s is refused, private targets allowed or not", (address) => {
    expect(strict(address)).toBe("address_forbidden");
    expect(local(address)).toBe("address_forbidden");
  });

  test.each([
    "",
    "example.com",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "010.0.0.1",
    "8.8.8",
    "1.2.3.4:80",
    "[::1]",
  ])("%j is not an address as the system writes it, so it is refused", (text) => {
    for (const judge of [strict, local, wide]) expect(judge(text)).toBe("address_forbidden");
  });
});

describe("allowed ranges", () => {
  const office = createAddressPolicy({ allowPrivate: false, allowCidrs: ["10.1.0.0/16", "fd12::/32"] });

  test("open what is inside and nothing beside", () => {
    expect(office("10.1.2.3")).toBe("allowed");
    expect(office("::ffff:10.1.2.3")).toBe("allowed");
    expect(office("fd12::1")).toBe("allowed");
    expect(office("10.2.0.1")).toBe("address_forbidden");
    expect(office("fd13::1")).toBe("address_forbidden");
    expect(office("127.0.0.1")).toBe("address_forbidden");
  });

  test("that are no ranges stop the process before anything is dialled", () => {
    expect(() => createAddressPolicy({ allowPrivate: false, allowCidrs: ["10.1.0.0"] })).toThrow();
    expect(() => createAddressPolicy({ allowPrivate: false, allowCidrs: ["ten/8"] })).toThrow();
  });
});

describe("for any address", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const v4 = fc.tuple(octet, octet, octet, octet);

  test("allowing more never refuses what was allowed before", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        if (strict(address) === "allowed") expect(local(address)).toBe("allowed");
        if (local(address) === "allowed") expect(wide(address)).toBe("allowed");
        expect(strict(address) === "address_metadata").toBe(wide(address) === "address_metadata");
      }),
    );
  });

  test("no IPv6 form opens an IPv4 address that is closed itself", () => {
    fc.assert(
      fc.property(v4, fc.constantFrom(...Object.values(WRAPPERS)), (octets, wrap) => {
        for (const judge of [strict, local]) {
          if (judge(octets.join(".")) !== "allowed") expect(judge(wrap(octets))).not.toBe("allowed");
        }
      }),
    );
  });
});
