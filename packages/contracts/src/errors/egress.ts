import type { ErrorTable } from "./error.ts";

export const egressErrors = {} as const satisfies ErrorTable;
