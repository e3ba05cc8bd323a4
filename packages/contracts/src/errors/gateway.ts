import type { ErrorTable } from "./error.ts";

export const gatewayErrors = {} as const satisfies ErrorTable;
