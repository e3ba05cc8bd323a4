import type { ErrorTable } from "./error.ts";

export const storeErrors = {} as const satisfies ErrorTable;
