import { readFileSync } from "node:fs";

/** The wire contracts as a `google.protobuf.FileDescriptorSet`, for gRPC reflection. */
export function readDescriptorSet(): Buffer {
  return readFileSync(new URL("./generated/descriptor.binpb", import.meta.url));
}
