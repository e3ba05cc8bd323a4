import { z } from "zod";
import { tls, tlsToWire, tlsView } from "./common.ts";
import { defineKind } from "./kind.ts";

const RECORD_TYPES = ["A", "AAAA", "CNAME", "MX", "NS", "TXT", "SRV", "SOA", "CAA", "PTR"] as const;
const TRANSPORTS = ["udp", "tcp", "tls"] as const;
const FLAGS = ["aa", "ad", "ra"] as const;
const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"] as const;

/** "dns://1.1.1.1/example.com" asks that server, "dns:///example.com" the system's. */
export const dns = defineKind({
  name: "dns",
  schemes: ["dns"],
  example: "dns://1.1.1.1/example.com",
  needsPort: false,
  addressFits: (url) => /^\/[^/]+$/.test(url.pathname) && url.pathname.split(".").every((label) => label.length <= 63),
  subjects: ["answer", "rows", "status", "certificate_days"],
  options: z.strictObject({
    type: z.enum(RECORD_TYPES).default("A"),
    transport: z.enum(TRANSPORTS).default("udp"),
    expect: z.array(z.string().min(1).max(1000)).max(50).default([]),
    flags: z.array(z.enum(FLAGS)).max(3).default([]),
    rcode: z.enum(RCODES).default("NOERROR"),
    tls: tls.nullish(),
  }),
  toWire: ({ type, transport, expect, flags, rcode, tls: secured }) => ({
    type,
    transport,
    expect,
    flags,
    rcode,
    tls: tlsToWire(secured),
  }),
  view: (value) => ({
    type: RECORD_TYPES.find((each) => each === value.type) ?? "A",
    transport: TRANSPORTS.find((each) => each === value.transport) ?? "udp",
    expect: value.expect,
    flags: FLAGS.filter((each) => value.flags.includes(each)),
    rcode: RCODES.find((each) => each === value.rcode) ?? "NOERROR",
    tls: tlsView(value.tls),
  }),
  wrap: (value) => ({ $case: "dns", value }),
  unwrap: (check) => (check.$case === "dns" ? check.value : undefined),
});
