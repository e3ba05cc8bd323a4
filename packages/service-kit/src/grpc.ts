export * from "./grpc/connect-api.ts";
export * from "./grpc/first-answering.ts";
export * from "./grpc/serve-api.ts";
