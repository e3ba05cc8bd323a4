import { z } from "zod";
import { pattern } from "../pattern.ts";
import { issue } from "../problem.ts";
import { defineKind } from "./kind.ts";

/** One datagram, and what must come back. */
export const udp = defineKind({
  name: "udp",
  schemes: ["udp"],
  example: "udp://game.example.com:27015",
  needsPort: true,
  subjects: ["answer"],
  options: z
    .strictObject({
      /** Bytes in hexadecimal, or text. */
      sendHex: z
        .string()
        .regex(/^([\da-f]{2})*$/i)
        .max(2048)
        .nullish(),
      send: z.string().max(1024).nullish(),
      expect: pattern.nullish(),
    })
    .superRefine(({ sendHex, send }, context) => {
      if (!sendHex || !send) return;
      context.addIssue({
        code: "custom",
        path: ["sendHex"],
        ...issue("one_of_two", { one: "sendHex", other: "send" }),
      });
    }),
  toWire: (options) => ({
    send:
      typeof options.sendHex === "string"
        ? Buffer.from(options.sendHex, "hex")
        : Buffer.from(options.send ?? "", "utf8"),
    expect: options.expect ?? "",
  }),
  view: (value) => ({ sendHex: Buffer.from(value.send).toString("hex"), send: null, expect: value.expect || null }),
  wrap: (value) => ({ $case: "udp", value }),
  unwrap: (check) => (check.$case === "udp" ? check.value : undefined),
});
