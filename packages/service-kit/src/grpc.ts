export * from "./grpc/connect-api.ts";
export * from "./grpc/serve-api.ts";
