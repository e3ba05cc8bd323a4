import { z } from "zod";
import { headers, tls, tlsToWire, tlsView } from "./common.ts";
import { defineKind } from "./kind.ts";

/** The standard health service; "grpc://host:port/service" asks for one service. */
export const grpc = defineKind({
  name: "grpc",
  schemes: ["grpc", "grpcs"],
  example: "grpc://api.example.com:50051",
  needsPort: true,
  subjects: ["value", "certificate_days"],
  options: z.strictObject({ tls: tls.nullish(), metadata: headers }),
  toWire: (options) => ({ tls: tlsToWire(options.tls), metadata: options.metadata }),
  view: (value) => ({ tls: tlsView(value.tls), metadata: value.metadata }),
  wrap: (value) => ({ $case: "grpc", value }),
  unwrap: (check) => (check.$case === "grpc" ? check.value : undefined),
});
